import { randomUUID } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { hash as argon2 } from '@node-rs/argon2';
import { createUser, newRegistration, password, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Token, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';

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
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const startedAt = performance.now();
        expect((await app.client.post('/api/v1/auth/register', body, { headers })).status).toBe(413);
        times.push(performance.now() - startedAt);
      }
      expect(Math.min(...times)).toBeLessThan(50);
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
});
