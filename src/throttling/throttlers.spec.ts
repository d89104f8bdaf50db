import { addressOf } from './throttlers.js';

describe('addressOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
  ])('keys %s as %s', (ip, key) => expect(addressOf({ ip })).toBe(key));

  it('F2: gives all addresses of an IPv6 /64 one key, and another /64 another', () => {
    const key = addressOf({ ip: '2001:db8:0:1::1' });
    expect(addressOf({ ip: '2001:DB8:0:1:ffff:ffff:ffff:ffff' })).toBe(key);
    expect(addressOf({ ip: '2001:db8:0:2::1' })).not.toBe(key);
  });

  it.each([undefined, '', 'unknown', 'x'.repeat(10_000), '192.0.2.1, 198.51.100.1'])(
    'F7: counts what is no address under one key: %.20s',
    (ip) => expect(addressOf({ ip })).toBe('unknown'),
  );
});
