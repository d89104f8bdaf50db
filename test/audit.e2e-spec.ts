import {
  createUser,
  newRegistration,
  password,
  signedInAdmin,
  signedInUser,
  type SignedInUser,
} from './factories/user.factory.js';
import type { AuditEvent, Page } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';

describe('G14: audit events', () => {
  let app: TestApp;
  let admin: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await signedInAdmin(app);
  });
  afterAll(() => app.close());

  const events = async (query: Record<string, string | number> = {}) =>
    (await app.client.as(admin).get<Page<AuditEvent>>('/api/v1/audit-events', { query: { limit: 100, ...query } })).body
      .data;
  const about = async (subjectId: string, type: string) =>
    (await events({ type })).filter((event) => event.subjectId === subjectId || event.actorId === subjectId);
  const login = (username: string, secret: string) =>
    app.client.post('/api/v1/auth/login', { username, password: secret }, { headers: { 'user-agent': 'auditor/1' } });

  it('a registration, a login and a failed login are one event each, with who, where and when', async () => {
    const registration = newRegistration();
    const { body: user } = await app.client.post<{ id: string }>('/api/v1/auth/register', registration);
    const { status, headers } = await login(registration.username, password);
    expect(status).toBe(200);
    await login(registration.username, 'wrong');

    expect(await about(user.id, 'user.registered')).toHaveLength(1);
    expect(await about(user.id, 'login.failed')).toHaveLength(1);
    const [success, ...more] = await about(user.id, 'login.succeeded');
    expect(more).toEqual([]);
    expect(success).toMatchObject({
      actorId: user.id,
      subjectId: user.id,
      ip: '127.0.0.1',
      userAgent: 'auditor/1',
      requestId: headers['x-request-id'],
      createdAt: expect.stringMatching(/Z$/),
    });
  });

  it('a role change tells who made it and what it was', async () => {
    const user = await createUser(app);
    await app.client.as(admin).patch(`/api/v1/users/${user.id}`, { roles: ['user', 'admin'] });
    const [event, ...more] = await about(user.id, 'user.updated');
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      actorId: admin.user.id,
      subjectId: user.id,
      details: { fields: ['roles'], roles: ['user', 'admin'] },
    });
  });

  it('a deletion stays known after the user is gone', async () => {
    const user = await createUser(app);
    await app.client.as(admin).delete(`/api/v1/users/${user.id}`);
    expect(await about(user.id, 'user.deleted')).toHaveLength(1);
  });

  it('a 403 is one event that names the handler', async () => {
    const [row] = await app.sql<{ count: string }>(`SELECT count(*) FROM audit_events WHERE type = 'access.denied'`);
    expect(row?.count).toBe('0');
    const user = await createUser(app);
    const { body } = await app.client.post<{ accessToken: string }>('/api/v1/auth/login', {
      username: user.username,
      password,
    });
    const { status } = await app.client.get('/api/v1/users', { token: body.accessToken });
    expect(status).toBe(403);
    const denied = await about(user.id, 'access.denied');
    expect(denied).toHaveLength(1);
    expect(denied[0]?.details).toEqual({ handler: 'UsersController.list' });
  });

  it('a changed profile and a deleted one tell who did it', async () => {
    const ada = await signedInUser(app);
    await app.client.as(ada).patch('/api/v1/users/me', { email: `new.${ada.user.email}` });
    await app.client.as(ada).delete('/api/v1/users/me');
    const [changed, ...more] = await about(ada.user.id, 'user.updated');
    expect(more).toEqual([]);
    expect(changed).toMatchObject({ actorId: ada.user.id, details: { fields: ['email', 'emailVerified'] } });
    expect(await about(ada.user.id, 'user.deleted')).toMatchObject([{ actorId: ada.user.id }]);
  });

  it('what is refused changes nothing and is no event', async () => {
    const before = await events();
    const { token } = admin;
    await app.client.patch('/api/v1/users/me', { username: 'x' }, { token });
    await app.client.patch('/api/v1/users/01936c1e-8f2a-7c3b-9a41-5d2f7be01234', { isActive: false }, { token });
    await app.client.delete('/api/v1/users/01936c1e-8f2a-7c3b-9a41-5d2f7be01234', { token });
    await app.client.get('/api/v1/users');
    expect(await events()).toEqual(before);
  });

  it('a hostile user agent is kept as it is, cut to 500 characters', async () => {
    const user = await createUser(app);
    const userAgent = `<script>"\u00e9'--${'x'.repeat(1000)}`;
    const headers = { 'user-agent': userAgent };
    await app.client.post('/api/v1/auth/login', { username: user.username, password }, { headers });
    const [event] = await about(user.id, 'login.succeeded');
    expect(event?.userAgent).toBe(userAgent.slice(0, 500));
  });

  it('is for administrators only', async () => {
    expect((await app.client.get('/api/v1/audit-events')).status).toBe(401);
    const { token } = await signedInUser(app);
    expect((await app.client.get('/api/v1/audit-events', { token })).status).toBe(403);
  });

  it('is paged, newest first, and refuses an unknown type', async () => {
    const page = await app.client.as(admin).get<Page<AuditEvent>>('/api/v1/audit-events', { query: { limit: 2 } });
    expect(page.body.data).toHaveLength(2);
    expect(page.body.data[0]!.createdAt >= page.body.data[1]!.createdAt).toBe(true);
    const next = await app.client
      .as(admin)
      .get<Page<AuditEvent>>('/api/v1/audit-events', { query: { limit: 2, cursor: page.body.page.nextCursor! } });
    expect(next.body.data.map(({ id }) => id)).not.toEqual(expect.arrayContaining(page.body.data.map(({ id }) => id)));
    expect((await app.client.as(admin).get('/api/v1/audit-events', { query: { type: 'nothing' } })).status).toBe(400);
  });
});

describe('G14: a login over the limit is one event a window', () => {
  const attempt = async (app: TestApp, username: string, address: string) => {
    const headers = { 'x-forwarded-for': address };
    return (await app.client.post('/api/v1/auth/login', { username, password: 'wrong' }, { headers })).status;
  };
  const limited = (app: TestApp) =>
    app.sql(`SELECT ip, subject_id, details FROM audit_events WHERE type = 'login.limited'`);

  it('that of an account, known or not, guessed at from many addresses', async () => {
    const app = await startTestApp({ RATE_LIMIT_LOGIN: '2/minute', TRUSTED_PROXIES: '127.0.0.1' });
    try {
      const { id, username } = await createUser(app);
      const statuses: number[] = [];
      for (let count = 1; count <= 5; count++) statuses.push(await attempt(app, username, `203.0.113.${count}`));
      expect(statuses).toEqual([401, 401, 429, 429, 429]);
      expect(await limited(app)).toEqual([{ ip: '203.0.113.3', subject_id: id, details: { by: 'account' } }]);

      for (let count = 11; count <= 14; count++) await attempt(app, 'nobody_at_all', `203.0.113.${count}`);
      expect(await limited(app)).toContainEqual({ ip: '203.0.113.13', subject_id: null, details: { by: 'account' } });
      expect(await limited(app)).toHaveLength(2);
    } finally {
      await app.close();
    }
  });

  it('that of an address which guesses at many accounts', async () => {
    const app = await startTestApp({ RATE_LIMIT_LOGIN: '2/minute', TRUSTED_PROXIES: '127.0.0.1' });
    try {
      const statuses: number[] = [];
      for (let count = 1; count <= 5; count++) statuses.push(await attempt(app, `nobody_${count}`, '203.0.113.7'));
      expect(statuses).toEqual([401, 401, 429, 429, 429]);
      expect(await limited(app)).toEqual([{ ip: '203.0.113.7', subject_id: null, details: { by: 'address' } }]);
    } finally {
      await app.close();
    }
  });
});
