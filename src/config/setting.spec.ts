import { flag, integer, listOf, oneOf, origin, rate, seconds, text, url, type Rule } from './setting.js';
import { blockListOf, cidr } from './cidr.js';

/** What a rule makes of each text; undefined is a refusal. */
function parsed<T>(rule: Rule<T>, texts: readonly string[]): (T | undefined)[] {
  return texts.map((each) => rule.parse(each));
}

describe('rules of settings', () => {
  it('text takes anything', () => {
    expect(parsed(text, ['a', '  b '])).toEqual(['a', '  b ']);
  });

  it('flag takes true, false, 1 and 0', () => {
    expect(parsed(flag, ['true', 'FALSE', '1', '0'])).toEqual([true, false, true, false]);
    expect(parsed(flag, ['yes', 'on', '2', 'truee', 'constructor'])).toEqual(Array(5).fill(undefined));
  });

  it('integer takes plain decimal digits in its range', () => {
    expect(parsed(integer(1, 10), ['1', '10', '007'])).toEqual([1, 10, 7]);
    const bad = ['0', '11', '-1', '+1', '1.0', '1e1', '0x1', '', ' 1', '٣', '99999999999999999999'];
    expect(parsed(integer(1, 10), bad)).toEqual(bad.map(() => undefined));
  });

  it('seconds takes fractions of up to three digits in its range', () => {
    expect(parsed(seconds(0, 60), ['0', '60', '0.5', '1.125'])).toEqual([0, 60, 0.5, 1.125]);
    const bad = ['-1', '60.1', '.5', '1.', '1s', '1e1', '0.0001', 'Infinity', 'NaN'];
    expect(parsed(seconds(0, 60), bad)).toEqual(bad.map(() => undefined));
  });

  it('oneOf takes its words as they are written', () => {
    expect(parsed(oneOf('a', 'b'), ['a', 'b', 'A', 'c', ''])).toEqual(['a', 'b', undefined, undefined, undefined]);
    expect(oneOf('a', 'b').expects).toBe('one of a, b');
  });

  it('url takes its schemes with a host', () => {
    const rule = url('postgres', 'postgresql');
    expect(rule.parse('postgres://u:p@h:5432/db?x=1')).toBe('postgres://u:p@h:5432/db?x=1');
    expect(rule.parse('postgresql://h/db')).toBe('postgresql://h/db');
    const bad = ['http://h', 'postgres:', 'postgres://', 'h:5432', 'not a url', 'javascript:postgres://h'];
    expect(parsed(rule, bad)).toEqual(bad.map(() => undefined));
  });

  it('listOf holds each entry against its rule', () => {
    const rule = listOf(oneOf('a', 'b'));
    expect(rule.parse('a, b ,a')).toEqual(['a', 'b', 'a']);
    expect(parsed(rule, ['a,,b', 'a,c', ',', 'a,'])).toEqual(Array(4).fill(undefined));
  });

  it('origin takes what browsers send, and *', () => {
    const good = ['https://app.example.com', 'http://localhost:3000', 'http://[::1]:80801'.slice(0, -1), '*'];
    expect(parsed(origin, good)).toEqual(good);
    const bad = [
      'https://a.test/',
      'https://a.test/path',
      'a.test',
      'https://A.test',
      'https://a.test:443',
      'null',
      'ftp://a',
      'https://u@a.test',
      'https://*.a.test/',
    ];
    expect(parsed(origin, bad)).toEqual(bad.map(() => undefined));
  });

  it('rate takes a count and a unit, or off', () => {
    expect(parsed(rate, ['off', '5/second', '5/minute', '100/hour', '1/day'])).toEqual([
      'off',
      { count: 5, windowSeconds: 1 },
      { count: 5, windowSeconds: 60 },
      { count: 100, windowSeconds: 3600 },
      { count: 1, windowSeconds: 86_400 },
    ]);
    const bad = [
      '0/minute',
      '-1/minute',
      '5/week',
      '5',
      '/minute',
      '5 / minute',
      '5/minutes',
      '1.5/hour',
      'OFF',
      '1000000000/day',
    ];
    expect(parsed(rate, bad)).toEqual(bad.map(() => undefined));
  });

  it('cidr takes blocks and single addresses of both families', () => {
    const good = ['10.0.0.0/8', '127.0.0.1', '0.0.0.0/0', 'fd00::/8', '::1', '2001:db8::/128'];
    expect(parsed(cidr, good)).toEqual(good);
    const bad = [
      '10.0.0.0/33',
      '::/129',
      '10.0.0/8',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      'loopback',
      'true',
      '1',
      '',
      '10.0.0.0/',
    ];
    expect(parsed(cidr, bad)).toEqual(bad.map(() => undefined));
  });
});

describe('blockListOf', () => {
  it('finds addresses in blocks, IPv4 in IPv6 among them', () => {
    const list = blockListOf(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);
    expect(list.check('10.255.0.1', 'ipv4')).toBe(true);
    expect(list.check('192.0.2.1', 'ipv4')).toBe(true);
    expect(list.check('192.0.2.2', 'ipv4')).toBe(false);
    expect(list.check('::ffff:10.0.0.1', 'ipv6')).toBe(true);
    expect(list.check('fd12::1', 'ipv6')).toBe(true);
    expect(list.check('fe80::1', 'ipv6')).toBe(false);
  });
});
