import { createUser, newRegistration, password, signedInAdmin, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';

interface AuditEvent {
  readonly id: string;
  readonly type: string;
  readonly actorId: string | null;
  readonly subjectId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly details: Record<string, unknown>;
  readonly createdAt: string;
}

interface AuditPage {
  readonly data: AuditEvent[];
  readonly page: { readonly limit: number; readonly nextCursor: string | null };
}

describe('G14: audit events', () => {
  let app: TestApp;
  let admin: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await signedInAdmin(app);
  });
  afterAll(() => app.close());

  const events = async (query: Record<string, string | number> = {}) =>
    (await app.client.as(admin).get<AuditPage>('/api/v1/audit-events', { query: { limit: 100, ...query } })).body.data;
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

  it('is for administrators only', async () => {
    expect((await app.client.get('/api/v1/audit-events')).status).toBe(401);
  });

  it('is paged, newest first, and refuses an unknown type', async () => {
    const page = await app.client.as(admin).get<AuditPage>('/api/v1/audit-events', { query: { limit: 2 } });
    expect(page.body.data).toHaveLength(2);
    expect(page.body.data[0]!.createdAt >= page.body.data[1]!.createdAt).toBe(true);
    const next = await app.client
      .as(admin)
      .get<AuditPage>('/api/v1/audit-events', { query: { limit: 2, cursor: page.body.page.nextCursor! } });
    expect(next.body.data.map(({ id }) => id)).not.toEqual(expect.arrayContaining(page.body.data.map(({ id }) => id)));
    expect((await app.client.as(admin).get('/api/v1/audit-events', { query: { type: 'nothing' } })).status).toBe(400);
  });
});

describe('G14: a login over the limit', () => {
  it('is an event, although nobody knows the name', async () => {
    // Behind a proxy, so that each attempt has an address of its own and only the account's limit is met.
    const app = await startTestApp({ RATE_LIMIT_LOGIN: '2/minute', TRUSTED_PROXIES: '127.0.0.1' });
    const statuses = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { status } = await app.client.post(
        '/api/v1/auth/login',
        { username: 'nobody_at_all', password },
        { headers: { 'x-forwarded-for': `203.0.113.${attempt}` } },
      );
      statuses.push(status);
    }
    expect(statuses).toEqual([401, 401, 429]);
    const limited = await app.sql<{ ip: string }>(`SELECT ip FROM audit_events WHERE type = 'login.limited'`);
    expect(limited).toEqual([{ ip: '203.0.113.3' }]);
    await app.close();
  });
});
