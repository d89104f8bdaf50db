import { jest } from '@jest/globals';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { PasswordHasher } from '../src/modules/auth/password-hasher.js';
import { createUser, newRegistration, password } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { StatementRecorder } from './support/statement-recorder.js';

describe('enumeration', () => {
  let database: TestDatabase;
  let recorder: StatementRecorder;
  let app: TestApp;
  let failures: [name: string, credentials: { username: string; password: string }][];

  beforeAll(async () => {
    database = await createTestDatabase();
    recorder = await StatementRecorder.start(database.url);
    app = await startTestApp({ DATABASE_URL: recorder.url });
    const ada = await createUser(app);
    const disabled = await createUser(app, { isActive: false });
    failures = [
      ['an unknown name', { username: 'nobody_at_all', password }],
      ['an unknown address', { username: 'nobody@example.com', password }],
      ['what can not be a name', { username: 'no name, nor address', password }],
      ['an empty name', { username: '', password }],
      ['a wrong password', { username: ada.username, password: 'Another-Harbour-48' }],
      ['a wrong password by address', { username: ada.email, password: 'Another-Harbour-48' }],
      ['an empty password', { username: ada.username, password: '' }],
      ['an empty password of an unknown name', { username: 'nobody_at_all', password: '' }],
      ['a password over the limit', { username: ada.username, password: 'x'.repeat(90_000) }],
      ['a password over the limit of an unknown name', { username: 'nobody_at_all', password: 'x'.repeat(90_000) }],
      ['a disabled user', { username: disabled.username, password }],
      ['a disabled user with a wrong password', { username: disabled.username, password: 'Another-Harbour-48' }],
    ];
  });
  afterAll(async () => {
    await app.close();
    await recorder.stop();
    await database.drop();
  });

  const login = (credentials: object) =>
    app.client.post('/api/v1/auth/login', credentials, { headers: { 'x-request-id': 'same' } });

  /** All that a client can compare: everything but the clock. */
  const visible = ({ status, headers, text }: Answer) => {
    const { date: _date, 'x-process-time': _time, ...others } = headers;
    return { status, headers: others, text };
  };

  it('B1: every failed login is answered by the same bytes', async () => {
    const answers = new Map<string, unknown>();
    for (const [name, credentials] of failures) answers.set(name, visible(await login(credentials)));
    const reference = answers.get('a wrong password');
    expect(reference).toMatchObject({ status: 401, text: expect.stringContaining('"code":"invalid_credentials"') });
    for (const [name, answer] of answers) expect({ [name]: answer }).toEqual({ [name]: reference });
  });

  it('B2: every failed login costs the same work: one verification and the same statements', async () => {
    const hasher = app.nest.get(PasswordHasher);
    const verify = jest.spyOn(hasher, 'verify');
    const hash = jest.spyOn(hasher, 'hash');
    const work = new Map<string, unknown>();
    for (const [name, credentials] of failures) {
      verify.mockClear();
      recorder.take();
      await login(credentials);
      const hashed = verify.mock.calls.map(([, passwordHash]) =>
        passwordHash.slice(0, '$argon2id$v=19$m=19456,t=2,p=1'.length),
      );
      const statements = recorder.take().map((statement) => statement.replaceAll(/(username|email)_key/g, 'login_key'));
      work.set(name, { hashed, statements });
    }
    expect(hash).not.toHaveBeenCalled();
    verify.mockRestore();
    hash.mockRestore();

    const reference = work.get('a wrong password') as { hashed: string[]; statements: string[] };
    expect(reference.hashed).toEqual(['$argon2id$v=19$m=19456,t=2,p=1']);
    expect(reference.statements.length).toBeGreaterThan(0);
    for (const [name, done] of work) expect({ [name]: done }).toEqual({ [name]: reference });
  });

  it('B2: an unknown name takes as long as a wrong password (the figure is printed, for clocks of shared machines lie)', async () => {
    const kinds = [
      'an unknown name',
      'a wrong password',
      'an empty password',
      'a password over the limit',
      'a disabled user',
    ];
    const times = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
    for (let round = 0; round < 12; round++) {
      for (const [kind, credentials] of failures.filter(([name]) => times.has(name))) {
        const startedAt = performance.now();
        expect((await login(credentials)).status).toBe(401);
        times.get(kind)!.push(performance.now() - startedAt);
      }
    }
    const figures = [...times].map(([kind, samples]) => `${kind} ${median(samples).toFixed(1)} ms`);
    process.stdout.write(`B2, median of 12: ${figures.join(', ')}\n`);
  });

  it('B1: a failed login of a user with a bcrypt hash looks the same too', async () => {
    const user = await createUser(app, { passwordHash: await bcrypt(password, { cost: 4 }) });
    const known = visible(await login({ username: user.username, password: 'Another-Harbour-48' }));
    expect(known).toEqual(visible(await login({ username: 'nobody_at_all', password })));
  });

  it('B3: a registration does tell of a taken name, as the document says, and tells nothing else', async () => {
    expect(app.document.paths['/api/v1/auth/register']?.post?.responses).toHaveProperty('409');
    const ada = await createUser(app);
    const { status, body } = await app.client.post('/api/v1/auth/register', newRegistration({ email: ada.email }));
    expect(status).toBe(409);
    expect(Object.keys(body).sort()).toEqual(['code', 'detail', 'instance', 'requestId', 'status', 'title', 'type']);
  });

  it('B3: another user is as good as none for one who is signed in', async () => {
    const ada = await createUser(app);
    const { body } = await app.client.post<{ accessToken: string }>('/api/v1/auth/login', {
      username: ada.username,
      password,
    });
    const client = app.client.with({ token: body.accessToken, headers: { 'x-request-id': 'same' } });
    const other = await createUser(app);
    const ofOther = visible(await client.get(`/api/v1/users/${other.id}`));
    const ofNobody = visible(await client.get('/api/v1/users/01936c1e-8f2a-7c3b-9a41-5d2f7be01234'));
    expect(ofOther).toEqual(ofNobody);
    expect(ofOther.status).toBe(403);
  });
});

describe('enumeration under limits', () => {
  it('B3: registrations are limited by address, so that names can not be tried in number', async () => {
    const app = await startTestApp({ RATE_LIMIT_ANONYMOUS: '3/hour' });
    try {
      const ada = await createUser(app);
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const registration = newRegistration({ email: ada.email });
        statuses.push((await app.client.post('/api/v1/auth/register', registration)).status);
      }
      expect(statuses).toEqual([409, 409, 409, 429, 429]);
    } finally {
      await app.close();
    }
  });
});

function median(samples: number[]): number {
  return samples.sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? NaN;
}
