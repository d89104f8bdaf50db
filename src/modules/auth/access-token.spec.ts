import { subjectOf } from './access-token.js';

const now = 1_800_000_000;
const header = { alg: 'HS256', typ: 'JWT' };
const payload = {
  sub: '01936c1e-8f2a-7c3b-9a41-5d2f7be01234',
  iat: now,
  exp: now + 1800,
  jti: 'a',
  iss: 'mainstay',
  aud: 'mainstay-api',
  type: 'access' as const,
};
const subject = (changes: object, headers: object = {}) =>
  subjectOf({ header: { ...header, ...headers }, payload: { ...payload, ...changes } }, now);

describe('subjectOf', () => {
  it('is the user of a token that is just what we issue', () => {
    expect(subject({})).toBe(payload.sub);
    expect(subject({ iat: now + 30 })).toBe(payload.sub);
    expect(subject({ roles: ['admin'] })).toBe(payload.sub);
  });

  it.each([
    [{ type: 'refresh' }],
    [{ type: undefined }],
    [{ sub: undefined }],
    [{ sub: 'x' }],
    [{ sub: payload.sub.toUpperCase() }],
    [{ sub: `${payload.sub}\n` }],
    [{ jti: undefined }],
    [{ exp: undefined }],
    [{ exp: String(payload.exp) }],
    [{ iat: undefined }],
    [{ iat: now + 31 }],
    [{ iat: Infinity }],
  ])('A3, A4: is nobody with the claims %j', (changes) => {
    expect(subject(changes)).toBeUndefined();
  });

  it.each(['kid', 'jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'cty', 'ALG'])(
    'A1: is nobody with %s in the header',
    (name) => {
      expect(subject({}, { [name]: 'x' })).toBeUndefined();
    },
  );
});
