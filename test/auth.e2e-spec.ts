import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { hash as argon2 } from '@node-rs/argon2';
import { createUser, newRegistration, password, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Token, User } from './support/api.js';
import { secretKey, startTestApp, type TestApp } from './support/app.js';
import { boundedBy, fastestMs } from './support/speed.js';
import { eventually } from './support/eventually.js';
import { decodeToken, forgeToken } from './support/tokens.js';

describe('Auth', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const register = (body: unknown) => app.client.post<User>('/api/v1/auth/register', body);
  const login = (body: unknown) => app.client.post<Token>('/api/v1/auth/login', body);
  const faultsOf = async (body: unknown) => {
    const { status, body: problem } = await app.client.post('/api/v1/auth/register', body);
    expect(status).toBe(400);
    return (problem.errors ?? []).map(({ field, code }) => `${field}:${code}`).sort();
  };

  describe('POST /api/v1/auth/register', () => {
    it('creates an account and says where it is', async () => {
      const registration = newRegistration();
      const { status, headers, body } = await register(registration);
      expect(status).toBe(201);
      expect(headers.location).toBe(`/api/v1/users/${body.id}`);
      expect(body).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        username: registration.username,
        email: registration.email,
        emailVerified: false,
        roles: ['user'],
        isActive: true,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: body.createdAt,
      });
    });

    it('lists every fault of every field in one answer, those of a weak password apart', async () => {
      expect(await faultsOf({ username: 'a!', email: 'nobody', password: '', role: 'admin' })).toEqual([
        'email:is_email',
        'password:password_digit',
        'password:password_length',
        'password:password_lowercase',
        'password:password_special',
        'password:password_uppercase',
        'role:unknown_property',
        'username:matches',
      ]);
    });

    it.each([
      ['aB1!aB1', 'password:password_length'],
      ['ab1!ab1!', 'password:password_uppercase'],
      ['AB1!AB1!', 'password:password_lowercase'],
      ['aBc!aBc!', 'password:password_digit'],
      ['aB1caB1c', 'password:password_special'],
      ['Password1!', 'password:password_common'],
      ['P@ssw0rd!', 'password:password_common'],
      ['Qwerty123!', 'password:password_common'],
    ])('refuses the password %s by its one fault', async (weak, fault) => {
      expect(await faultsOf(newRegistration({ password: weak }))).toEqual([fault]);
    });

    it('tells one fault for each field that is missing or of another type', async () => {
      expect(await faultsOf({})).toEqual(['email:is_string', 'password:is_string', 'username:is_string']);
      expect(await faultsOf({ username: 12345, email: ['a@b.co'], password: { length: 99 } })).toEqual([
        'email:is_string',
        'password:is_string',
        'username:is_string',
      ]);
    });

    it.each([['[]'], ['null'], ['"text"'], ['42'], ['']])('answers 400 to the body %j', async (body) => {
      const headers = { 'content-type': 'application/json' };
      expect((await app.client.post('/api/v1/auth/register', body, { headers })).status).toBe(400);
    });

    it.each(['ab', 'a'.repeat(51), 'with space', 'dash-ed', 'ünal', 'Ａｄａ', 'line\n', '', 'a.b.c'])(
      'refuses the username %j',
      async (username) => {
        expect(await faultsOf({ ...newRegistration(), username })).toEqual(['username:matches']);
      },
    );

    it('takes usernames of 3 and of 50 characters', async () => {
      expect((await register(newRegistration({ username: 'a_1' }))).status).toBe(201);
      expect((await register(newRegistration({ username: 'Z'.repeat(50) }))).status).toBe(201);
    });

    it.each(['a@b', '@b.co', 'a b@c.co', 'a@b.co,c@d.co', 'Ada <a@b.co>', 'a@b..co', `${'a'.repeat(250)}@b.co`, ''])(
      'refuses the address %j',
      async (email) => {
        const faults = await faultsOf({ ...newRegistration(), email });
        expect(faults.length).toBeGreaterThan(0);
        expect(faults.every((fault) => fault.startsWith('email:'))).toBe(true);
      },
    );

    it('tells a taken username from a taken address, and stores nothing', async () => {
      const first = newRegistration();
      await register(first);
      const sameName = newRegistration({ username: first.username.toUpperCase() });
      expect(await app.client.post('/api/v1/auth/register', sameName)).toMatchObject({
        status: 409,
        body: { code: 'username_taken' },
      });
      const sameAddress = newRegistration({ email: first.email });
      expect(await app.client.post('/api/v1/auth/register', sameAddress)).toMatchObject({
        status: 409,
        body: { code: 'email_taken' },
      });
      const stored = await app.sql('SELECT id FROM users WHERE email_key = $1 OR username_key = $2', [
        sameName.email,
        sameAddress.username,
      ]);
      expect(stored).toEqual([]);
    });

    it('A14: takes an address once, in whatever case and between whatever spaces', async () => {
      const addresses = ['Case@b.co', 'case@b.co', ' CASE@B.CO '];
      const answers = await Promise.all(addresses.map((email) => register(newRegistration({ email }))));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    });

    it('A14: stores an address without the spaces around it', async () => {
      expect((await register(newRegistration({ email: '  Spaced@Example.com ' }))).body.email).toBe(
        'Spaced@Example.com',
      );
    });

    it('A11: takes passwords of 64 and 128 characters, and no longer ones', async () => {
      const start = 'Aa1!';
      expect((await register(newRegistration({ password: start.padEnd(64, 'x') }))).status).toBe(201);
      expect((await register(newRegistration({ password: start.padEnd(128, 'x') }))).status).toBe(201);
      const tooLong = newRegistration({ password: start.padEnd(129, 'x') });
      expect(await faultsOf(tooLong)).toEqual(['password:password_length']);
    });

    it('A11: counts a password in code points', async () => {
      const emoji = (count: number) => newRegistration({ password: `Aa1!${'🦊'.repeat(count - 4)}` });
      expect((await register(emoji(128))).status).toBe(201);
      expect(await faultsOf(emoji(129))).toEqual(['password:password_length']);
    });

    it('A11: refuses a password of a megabyte within 50 ms', async () => {
      const { email, username } = newRegistration();
      const body = JSON.stringify({ username, email, password: 'Aa1!'.padEnd(1_000_000, 'x') });
      const headers = { 'content-type': 'application/json' };
      const attempt = async () =>
        expect((await app.client.post('/api/v1/auth/register', body, { headers })).status).toBe(413);
      expect(await fastestMs(attempt)).toBeLessThan(await boundedBy(50, app.client));
    });
  });

  describe('POST /api/v1/auth/login', () => {
    let ada: User;

    beforeAll(async () => {
      ada = await createUser(app, { username: 'Ada_Lovelace', email: 'Ada@Example.com' });
    });

    it.each([
      'Ada_Lovelace',
      'ada_lovelace',
      'ADA_LOVELACE',
      'Ada@Example.com',
      'ADA@EXAMPLE.COM',
      ' ada@example.com ',
    ])('takes the username or address in any case: %j', async (username) => {
      const { status, body } = await login({ username, password });
      expect(status).toBe(200);
      expect(body).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 1800 });
      const me = await app.client.get<User>('/api/v1/users/me', { token: body.accessToken });
      expect(me.body.id).toBe(ada.id);
    });

    it('answers 400 with every fault for what is no login', async () => {
      const { status, body } = await app.client.post('/api/v1/auth/login', { username: 1, remember: true });
      expect(status).toBe(400);
      expect(body.errors?.map(({ field }) => field).sort()).toEqual(['password', 'remember', 'username']);
    });

    it('lets a user in whose address is not verified', async () => {
      expect(ada.emailVerified).toBe(false);
      expect((await login({ username: ada.username, password })).status).toBe(200);
    });

    it('A10: compares the whole password, beyond the 72 bytes that bcrypt reads', async () => {
      const start = 'Aa1!'.repeat(18);
      const user = newRegistration({ password: `${start}X` });
      await register(user);
      expect((await login({ username: user.username, password: `${start}Y` })).status).toBe(401);
      expect((await login({ username: user.username, password: start })).status).toBe(401);
      expect((await login({ username: user.username, password: `${start}X` })).status).toBe(200);
    });

    it('A13: takes a password in another Unicode form than it was registered in', async () => {
      const composed = 'Caf\u00e9-\u00c5ngstr\u00f6m-1';
      const decomposed = composed.normalize('NFD');
      const forth = newRegistration({ password: composed });
      await register(forth);
      expect((await login({ username: forth.username, password: decomposed })).status).toBe(200);
      const back = newRegistration({ password: decomposed });
      await register(back);
      expect((await login({ username: back.username, password: composed })).status).toBe(200);
    });

    it('does not trim, fold or normalize away more of a password than its Unicode form', async () => {
      for (const wrong of [` ${password}`, `${password} `, password.toUpperCase(), password.replace('-', '‐')]) {
        expect((await login({ username: ada.username, password: wrong })).status).toBe(401);
      }
    });

    const storedHash = async ({ id }: User) =>
      (await app.sql<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE id = $1', [id]))[0]!.hash;

    it.each([
      ['bcrypt', () => bcrypt(password, { cost: 4 })],
      ['argon2id with less memory', () => argon2(password, { memoryCost: 4096, timeCost: 1, parallelism: 1 })],
    ])('R3.1: verifies a hash made with %s and upgrades it at the login', async (_name, makeHash) => {
      const passwordHash = await makeHash();
      const user = await createUser(app, { passwordHash });

      expect((await login({ username: user.username, password: `${password}x` })).status).toBe(401);
      expect(await storedHash(user)).toBe(passwordHash);

      expect((await login({ username: user.username, password })).status).toBe(200);
      const upgraded = await storedHash(user);
      expect(upgraded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);

      expect((await login({ username: user.username, password })).status).toBe(200);
      expect(await storedHash(user)).toBe(upgraded);
    });

    it.each(['!', '', '*LK*', '$1$salt$abcdefgh', '{SSHA}abcdefgh', 'x'.repeat(60)])(
      'R3.1: takes no password for a user whose hash is %j, as that of a locked or imported account',
      async (passwordHash) => {
        const user = await createUser(app, { passwordHash });
        for (const guess of [password, passwordHash, '']) {
          expect((await login({ username: user.username, password: guess })).status).toBe(401);
        }
        expect(await storedHash(user)).toBe(passwordHash);
      },
    );

    it('R3.1: hashes new passwords with argon2id at the parameters of OWASP', async () => {
      const { body: user } = await register(newRegistration());
      expect(await storedHash(user)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    });
  });

  describe('credentials of a request', () => {
    let user: SignedInUser;

    beforeAll(async () => {
      user = await signedInUser(app);
    });

    const challengeOf = async (headers: Record<string, string>) => {
      const { status, headers: answered } = await app.client.get('/api/v1/users/me', { headers });
      expect(status).toBe(401);
      return answered['www-authenticate'];
    };

    it('A15: asks a stranger for a bearer token, and says when the one that was sent is bad', async () => {
      expect(await challengeOf({})).toBe('Bearer');
      expect(await challengeOf({ authorization: 'Bearer nonsense' })).toBe('Bearer error="invalid_token"');
      expect(await challengeOf({ authorization: `Bearer ${user.token}x` })).toBe('Bearer error="invalid_token"');
    });

    it.each(['Bearer', 'Bearer ', 'bearer', `Token abc`, 'Basic YWRhOnB3', '', 'Bearer a b', 'Bearer \u00e9'])(
      'answers 401 to the header Authorization: %j',
      async (authorization) => {
        expect(await challengeOf({ authorization })).toMatch(/^Bearer/);
      },
    );

    it('takes the scheme in any case (RFC 9110, section 11.1)', async () => {
      for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
        const headers = { authorization: `${scheme} ${user.token}` };
        expect((await app.client.get('/api/v1/users/me', { headers })).status).toBe(200);
      }
    });

    it('A16: takes a token from the Authorization header only', async () => {
      const { token } = user;
      for (const name of ['access_token', 'token', 'accessToken', 'authorization']) {
        expect((await app.client.get('/api/v1/users/me', { query: { [name]: token } })).status).toBe(401);
        const inBody = await app.client.patch('/api/v1/users/me', { [name]: token });
        expect(inBody.status).toBe(401);
        const headers = { cookie: `${name}=${token}`, 'x-access-token': token, 'x-auth-token': token };
        expect((await app.client.get('/api/v1/users/me', { headers })).status).toBe(401);
      }
    });

    it('answers 401 on public routes for nobody: a bad token does not close them', async () => {
      const { status } = await app.client.post(
        '/api/v1/auth/login',
        { username: user.user.username, password },
        { token: randomUUID() },
      );
      expect(status).toBe(200);
    });
  });

  describe('access tokens', () => {
    let user: SignedInUser;
    let header: Record<string, unknown>;
    let claims: Record<string, unknown>;
    const now = () => Math.floor(Date.now() / 1000);

    beforeAll(async () => {
      user = await signedInUser(app);
      ({ header, claims } = decodeToken(user.token));
    });

    const statusOf = async (token: string) => (await app.client.get('/api/v1/users/me', { token })).status;
    const signed = (changes: Record<string, unknown>) =>
      forgeToken({ header, claims: { ...claims, ...changes } }, secretKey);
    const without = (claim: string) => {
      const { [claim]: _, ...rest } = claims;
      return forgeToken({ header, claims: rest }, secretKey);
    };

    it('R3.2: holds what the product promises, signed with SECRET_KEY under HS256', () => {
      expect(forgeToken({ header, claims }, secretKey)).toBe(user.token);
      expect(header).toEqual({ alg: 'HS256', typ: 'JWT' });
      expect(claims).toEqual({
        sub: user.user.id,
        iat: expect.any(Number),
        exp: (claims.iat as number) + 1800,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        iss: expect.any(String),
        aud: expect.any(String),
        type: 'access',
      });
    });

    it('takes a token that is signed elsewhere with the same key and claims', async () => {
      expect(await statusOf(signed({ jti: randomUUID() }))).toBe(200);
    });

    it('A1: refuses what is not signed, or by another algorithm', async () => {
      const wordings = [
        'none',
        'None',
        'NONE',
        'nOnE',
        '',
        'HS256',
        'RS256',
        'ES256',
        'PS256',
        'EdDSA',
        null,
        undefined,
        1,
        ['HS256'],
      ];
      for (const alg of wordings) {
        expect(await statusOf(forgeToken({ header: { ...header, alg }, claims }))).toBe(401);
      }
      for (const alg of wordings.filter((wording) => wording !== 'HS256')) {
        expect(await statusOf(forgeToken({ header: { ...header, alg }, claims }, secretKey))).toBe(401);
      }
      expect(await statusOf(forgeToken({ header: { ...header, alg: 'HS384' }, claims }, secretKey, 'sha384'))).toBe(
        401,
      );
      expect(await statusOf(forgeToken({ header: { ...header, alg: 'HS512' }, claims }, secretKey, 'sha512'))).toBe(
        401,
      );
    });

    it('A1: refuses what is signed with a key that is not ours, such as a public one or none', async () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      for (const key of [pem, pem.trim(), '', 'secret', 'changeme', `${secretKey} `, secretKey.slice(1)]) {
        expect(await statusOf(forgeToken({ header, claims }, key))).toBe(401);
      }
    });

    it.each([
      ['kid', 'unknown'],
      ['kid', '../../dev/null'],
      ['kid', "' OR 1=1 --"],
      ['jwk', { kty: 'oct', k: Buffer.from(secretKey).toString('base64url') }],
      ['jku', 'http://127.0.0.1:1/jwks.json'],
      ['x5u', 'http://127.0.0.1:1/cert.pem'],
      ['x5c', ['MIIB']],
      ['crit', ['exp']],
      ['b64', false],
      ['zip', 'DEF'],
    ])('A1: refuses the header member %s: %j, though the signature is right', async (name, value) => {
      expect(await statusOf(forgeToken({ header: { ...header, [name]: value }, claims }, secretKey))).toBe(401);
    });

    it('A1: refuses claims that were changed under an old signature, and broken tokens', async () => {
      const [head = '', body = '', signature = ''] = user.token.split('.');
      const [, otherBody] = signed({ sub: randomUUID() }).split('.');
      const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
      for (const token of [
        [head, otherBody, signature],
        [head, body, ''],
        [head, body],
        [head, body, flipped],
        [head, body, signature, ''],
        [head, body, signature.slice(0, -1)],
        ['', body, signature],
        [head, '', signature],
        ['', '', ''],
        [body, head, signature],
        [head, Buffer.from('[]').toString('base64url'), signature],
        [Buffer.from('{').toString('base64url'), body, signature],
      ]) {
        expect(await statusOf(token.join('.'))).toBe(401);
      }
    });

    it('A1: refuses a token whose claims are no object', async () => {
      for (const payload of [null, [], 'text', 1, true]) {
        const token = forgeToken({ header, claims: payload as unknown as Record<string, unknown> }, secretKey);
        expect(await statusOf(token)).toBe(401);
      }
    });

    it('A3: takes a token for 30 s after its end, for clocks differ, and no longer', async () => {
      expect(await statusOf(signed({ exp: now() - 20 }))).toBe(200);
      expect(await statusOf(signed({ exp: now() - 31 }))).toBe(401);
    });

    it('A3: takes a token from 30 s before its begin, and no earlier', async () => {
      for (const claim of ['nbf', 'iat']) {
        expect(await statusOf(signed({ [claim]: now() + 20 }))).toBe(200);
        expect(await statusOf(signed({ [claim]: now() + 40 }))).toBe(401);
      }
    });

    it('A3: a token that was taken once is looked at again', async () => {
      const token = signed({ exp: now() - 29 });
      expect(await statusOf(token)).toBe(200);
      await eventually(async () => (await statusOf(token)) === 401);
    });

    it.each(['exp', 'iat', 'sub', 'jti', 'iss', 'aud', 'type'])('A3, A4: refuses a token without %s', async (claim) => {
      expect(await statusOf(without(claim))).toBe(401);
    });

    it.each([
      ['exp', '9999999999'],
      ['exp', null],
      ['exp', -1],
      ['exp', 0],
      ['exp', true],
      ['exp', [9_999_999_999]],
      ['nbf', 'soon'],
      ['nbf', null],
      ['iat', '0'],
      ['iat', null],
      ['jti', 1],
      ['jti', null],
      ['iss', 'someone-else'],
      ['iss', ''],
      ['iss', ['mainstay', 'someone-else']],
      ['iss', null],
      ['aud', 'another-api'],
      ['aud', ''],
      ['aud', ['another-api']],
      ['aud', null],
      ['sub', 'admin'],
      ['sub', ''],
      ['sub', 1],
      ['sub', null],
      ['sub', ['x']],
      ['sub', { $ne: null }],
      ['sub', "' OR '1'='1"],
      ['sub', randomUUID()],
      ['type', 'refresh'],
      ['type', 'Access'],
      ['type', ['access']],
      ['type', null],
    ])('A3, A4: refuses a token with the claim %s: %j', async (claim, value) => {
      expect(await statusOf(signed({ [claim]: value }))).toBe(401);
    });

    it('A4: refuses the token of a user who is gone', async () => {
      const gone = await signedInUser(app);
      await app.sql('DELETE FROM users WHERE id = $1', [gone.user.id]);
      expect(await statusOf(gone.token)).toBe(401);
    });

    it('A4: refuses the token of a user who is disabled', async () => {
      const disabled = await signedInUser(app);
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [disabled.user.id]);
      expect(await statusOf(disabled.token)).toBe(401);
    });
  });
});

describe('Auth with other settings', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({
      PASSWORD_POLICY: 'nist',
      ACCESS_TOKEN_EXPIRE_MINUTES: '5',
      TOKEN_ISSUER: 'https://id.example.com',
      TOKEN_AUDIENCE: 'shop',
    });
  });
  afterAll(() => app.close());

  it.each(['correct horse battery', 'aaaaabbbbbcccccd', '    fifteen    x', '密码短语密码短语密码短语密码短'])(
    'A12: under the nist policy %j needs no composition',
    async (phrase) => {
      const registration = newRegistration({ password: phrase });
      expect((await app.client.post('/api/v1/auth/register', registration)).status).toBe(201);
      const { username } = registration;
      expect((await app.client.post('/api/v1/auth/login', { username, password: phrase })).status).toBe(200);
    },
  );

  it.each([
    ['Password1!', ['password_common', 'password_length']],
    ['fourteen chars', ['password_length']],
    ['password1234567890', ['password_common']],
    ['P@SSWORD!!!!!!!!!!!!', ['password_common']],
    ['x'.repeat(129), ['password_length']],
  ])('A12: under the nist policy %j is refused', async (phrase, expected) => {
    const { status, body } = await app.client.post('/api/v1/auth/register', newRegistration({ password: phrase }));
    expect(status).toBe(400);
    expect(body.errors?.map(({ code }) => code).sort()).toEqual(expected);
  });

  it('ACCESS_TOKEN_EXPIRE_MINUTES, TOKEN_ISSUER and TOKEN_AUDIENCE shape the token', async () => {
    const { user, token } = await signedInUser(app);
    const { header, claims } = decodeToken(token);
    expect(claims).toMatchObject({ iss: 'https://id.example.com', aud: 'shop', sub: user.id });
    expect((claims.exp as number) - (claims.iat as number)).toBe(300);
    const foreign = forgeToken({ header, claims: { ...claims, iss: 'mainstay', aud: 'mainstay-api' } }, secretKey);
    expect((await app.client.get('/api/v1/users/me', { token: foreign })).status).toBe(401);
  });
});
