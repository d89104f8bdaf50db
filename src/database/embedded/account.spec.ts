import { mayEnter } from './account.js';

describe('mayEnter', () => {
  const account = { name: 'nobody', uid: 65534, gid: 65534 };

  it.each([
    ['another user', 0o755, 0, 0, true],
    ['another user, private', 0o700, 0, 0, false],
    ['another user, open to its group', 0o750, 0, 65534, true],
    ['another user, closed to its group alone', 0o705, 0, 65534, false],
    ['the account', 0o100, 65534, 0, true],
    ['the account, closed to itself alone', 0o077, 65534, 65534, false],
  ])('reads the bits of a folder of %s (mode %o)', (_whose, mode, uid, gid, expected) => {
    expect(mayEnter({ mode: 0o040000 | mode, uid, gid }, account)).toBe(expected);
  });
});
