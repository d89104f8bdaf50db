import { availableParallelism } from 'node:os';
import { Unavailable } from '../../common/http/problem.exception.js';
import { PasswordHasher } from './password-hasher.js';

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher();

  it('hashes with argon2id at the parameters of OWASP, each time with another salt', async () => {
    const [first, second] = await Promise.all([hasher.hash('Quiet-Harbour-47'), hasher.hash('Quiet-Harbour-47')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(second).not.toBe(first);
    expect(hasher.isOutdated(first)).toBe(false);
  });

  it('A13: verifies a password in any Unicode form', async () => {
    const hash = await hasher.hash('Caf\u00e9');
    expect(await hasher.verify('Cafe\u0301', hash)).toBe(true);
    expect(await hasher.verify('Cafe', hash)).toBe(false);
  });

  it.each(['$2a$', '$2b$', '$2y$'])('R3.1: verifies bcrypt with the prefix %s, which is outdated', async (prefix) => {
    const hash = `${prefix}04$VDadFQssMcGrLldpTNfm/.qb5Dn6AV2c9Xp06xBhhqrB2iOxV1jfS`;
    expect(await hasher.verify('pw', hash)).toBe(true);
    expect(await hasher.verify('pv', hash)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(true);
  });

  it.each(['!', '', 'pw', '$2x$04$abc', '$1$salt$abc'])('takes no password for the hash %j', async (hash) => {
    expect(await hasher.verify('pw', hash)).toBe(false);
    expect(await hasher.verify(hash, hash)).toBe(false);
  });

  it('is never right about nothing', async () => {
    for (const guess of ['', 'decoy', 'password']) expect(await hasher.verifyNothing(guess)).toBe(false);
  });

  it('E4: runs as many as there are cores, lets 16 wait and refuses the rest at once', async () => {
    const room = availableParallelism() + 16;
    const outcomes = await Promise.allSettled(Array.from({ length: room + 5 }, () => hasher.hash('x')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(Unavailable);
    // The queue is empty again.
    expect(await hasher.hash('x')).toMatch(/^\$argon2id\$/);
  });
});
