import { BlockList, isIP } from 'node:net';
import type { Rule } from './setting.js';

/** An address block in CIDR notation (RFC 4632, RFC 4291); a bare address is a block of one. */
export const cidr: Rule<string> = {
  expects: 'an address block such as 10.0.0.0/8 or fd00::/8',
  parse: (value) => {
    const [address = '', prefix, ...rest] = value.split('/');
    const bits = isIP(address) === 6 ? 128 : 32;
    const valid = isIP(address) > 0 && rest.length === 0 && (prefix === undefined || /^\d{1,3}$/.test(prefix));
    return valid && Number(prefix ?? bits) <= bits ? value : undefined;
  },
};

/** A list that answers whether an address lies in one of the blocks. IPv4-mapped IPv6 addresses match IPv4 blocks. */
export function blockListOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}
