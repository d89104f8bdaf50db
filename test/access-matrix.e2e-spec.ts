import type { NestExpressApplication } from '@nestjs/platform-express';
import { createItem, newItem } from './factories/item.factory.js';
import { newRegistration, signedInAdmin, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item, Page, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { HttpClient } from './support/client.js';
import type { DocumentedOperation } from './support/openapi-index.js';

const nobody = '01936c1e-8f2a-7c3b-9a41-5d2f7be01234';

// Whoever opens a route or gives one to administrators says so here too.
const publicOperations = ['authLogin', 'authRegister', 'healthGetLiveness', 'healthGetReadiness', 'healthGetSummary'];
/** For the operator's token; open outside of production. */
const operatorOperations = ['healthGetDetailed', 'metricsRead'];
const adminOperations = ['auditList', 'usersGet', 'usersList', 'usersManage', 'usersRemove'];

describe('access', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let admin: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    ada = await signedInUser(app);
    admin = await signedInAdmin(app);
  });
  afterAll(() => app.close());

  const operations = () =>
    Object.entries(app.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );
  /** Asks for what nobody has, by a body that is never right, so that nothing changes. */
  const probe = (client: HttpClient, method: string, path: string, operation: DocumentedOperation) =>
    client.request(method, path.replaceAll(/\{[^}]+\}/g, nobody), {
      ...(operation.requestBody && { body: { 'no such': 'property' } }),
    });

  it('C3: exactly the known operations are public, and exactly the known ones are for administrators', () => {
    const idsOf = (holds: (operation: DocumentedOperation) => boolean) =>
      operations()
        .filter(({ operation }) => holds(operation))
        .map(({ operation }) => operation.operationId)
        .sort();
    expect(idsOf(({ security }) => security?.length === 0)).toEqual(publicOperations);
    expect(idsOf(({ responses }) => '403' in responses)).toEqual(adminOperations);
  });

  it('C3: every route that the server has is in the document, those of the documentation apart', () => {
    const documented = operations().map(({ method, path }) => `${method} ${path}`);
    const served = routesOf(app.nest).filter((route) => !/^GET \/(docs|redoc|openapi\.json)/.test(route));
    expect(served.sort()).toEqual(documented.sort());
  });

  it('C3: strangers get 401 from every operation that is not public, in every spelling of "no token"', async () => {
    for (const { path, method, operation } of operations()) {
      const isOpen = [...publicOperations, ...operatorOperations].includes(operation.operationId);
      for (const token of [undefined, 'x.y.z', nobody]) {
        const { status } = await probe(app.client.with({ token }), method, path, operation);
        expect({ operation: operation.operationId, refused: status === 401 }).toEqual({
          operation: operation.operationId,
          refused: !isOpen,
        });
      }
    }
  });

  it('C3: users get 403 from every operation for administrators, and from no other', async () => {
    for (const { path, method, operation } of operations().filter(
      ({ operation: { operationId } }) => !isFinal(operationId),
    )) {
      const { status } = await probe(app.client.as(ada), method, path, operation);
      expect({ operation: operation.operationId, forbidden: status === 403, unknown: status === 401 }).toEqual({
        operation: operation.operationId,
        forbidden: adminOperations.includes(operation.operationId),
        unknown: false,
      });
    }
  });

  it('C3: administrators get neither 401 nor 403', async () => {
    for (const { path, method, operation } of operations().filter(
      ({ operation: { operationId } }) => !isFinal(operationId),
    )) {
      const { status } = await probe(app.client.as(admin), method, path, operation);
      expect({ operation: operation.operationId, refused: status === 401 || status === 403 }).toEqual({
        operation: operation.operationId,
        refused: false,
      });
    }
  });

  describe('C4: properties that are not for the client to set are 400, and nothing changes', () => {
    const forbidden: Record<string, unknown> = {
      id: nobody,
      ownerId: nobody,
      owner_id: nobody,
      role: 'admin',
      roles: ['admin'],
      isAdmin: true,
      isActive: true,
      emailVerified: true,
      password: 'Quiet-Harbour-48',
      passwordHash: 'x',
      usernameKey: 'x',
      tokenVersion: 1,
      version: 99,
      createdAt: '2020-01-01T00:00:00.000Z',
      updatedAt: '2020-01-01T00:00:00.000Z',
      deletedAt: null,
    };
    const without = (...names: string[]) => Object.entries(forbidden).filter(([name]) => !names.includes(name));
    const refuses = async (name: string, send: () => Promise<{ status: number; body: { errors?: unknown } }>) => {
      const { status, body } = await send();
      expect({ name, status, errors: body.errors }).toEqual({
        name,
        status: 400,
        errors: [{ field: name, code: 'unknown_property', message: expect.any(String) }],
      });
    };

    it('in a registration', async () => {
      for (const [name, value] of without('password')) {
        const registration = newRegistration();
        await refuses(name, () => app.client.post('/api/v1/auth/register', { ...registration, [name]: value }));
        expect(await app.sql('SELECT 1 FROM users WHERE username = $1', [registration.username])).toEqual([]);
      }
    });

    it('in the own profile', async () => {
      for (const [name, value] of without()) {
        await refuses(name, () => app.client.as(ada).patch('/api/v1/users/me', { [name]: value }));
      }
      expect((await app.client.as(ada).get<User>('/api/v1/users/me')).body).toEqual(ada.user);
    });

    it('in what an administrator changes', async () => {
      for (const [name, value] of [
        ...without('roles', 'isActive'),
        ['username', 'x_y_z'],
        ['email', 'x@y.zz'],
      ] as const) {
        await refuses(name, () => app.client.as(admin).patch(`/api/v1/users/${ada.user.id}`, { [name]: value }));
      }
      expect((await app.client.as(ada).get<User>('/api/v1/users/me')).body).toEqual(ada.user);
    });

    it('in a new item', async () => {
      for (const [name, value] of without()) {
        await refuses(name, () => app.client.as(ada).post('/api/v1/items', newItem({ [name]: value })));
      }
      expect((await app.client.as(ada).get<Page<Item>>('/api/v1/items')).body.data).toEqual([]);
    });

    it('in a changed item', async () => {
      const item = await createItem(app, admin);
      const path = `/api/v1/items/${item.id}`;
      for (const [name, value] of without()) {
        const headers = { 'if-match': '"1"' };
        await refuses(name, () => app.client.as(admin).patch(path, { [name]: value }, { headers }));
      }
      expect((await app.client.as(admin).get<Item>(path)).body).toEqual(item);
    });
  });

  it('C5: what an administrator reads of users holds no secret either', async () => {
    const answers = [
      await app.client.as(admin).get<Page<User>>('/api/v1/users'),
      await app.client.as(admin).get<User>(`/api/v1/users/${ada.user.id}`),
      await app.client.as(admin).get('/api/v1/audit-events'),
    ];
    for (const { text } of answers) expect(text).not.toMatch(/password|hash|\$argon2|_key|token/i);
  });

  describe('C7: no spelling of a path or a method is a way around', () => {
    const spellings = (path: string) => [
      path.replace('/api', '//api'),
      path.replace('/v1/', '//v1/'),
      path.replace('/v1/', '/v1//'),
      path.toUpperCase(),
      path.replace(/[a-z](?=[^/]*$)/, (letter) => letter.toUpperCase()),
      `${path}/`,
      `${path}//`,
      path.replace('/v1/', '/v1/./'),
      path.replace('/v1/', '/v1/x/../'),
      path.replace('/v1/', '/v1/%2e%2e/v1/'),
      path.replace(
        /\/([a-z])([^/]*)$/,
        (_, first: string, rest: string) => `/%${first.charCodeAt(0).toString(16)}${rest}`,
      ),
      path.replace('/v1/', '%2fv1%2f'),
      path.replace('/v1/', '\\v1\\'),
      `${path}%2f`,
      `${path}%20`,
      `${path}%00`,
      `${path};a=b`,
      `${path}.json`,
      `${path}?`,
      `${path}#`,
      `${path}/.`,
      `/health/..${path}`,
      `/health%2f..${path}`,
      `http://127.0.0.1${path}`,
    ];

    it('for strangers', async () => {
      for (const path of ['/api/v1/items', '/api/v1/users/me', '/api/v1/users']) {
        for (const spelling of spellings(path)) {
          for (const method of ['GET', 'HEAD']) {
            const { status } = await app.client.request(method, spelling);
            expect({ spelling, closed: [400, 401, 404].includes(status) }).toEqual({ spelling, closed: true });
          }
        }
      }
    });

    it('for users who are no administrators', async () => {
      for (const path of ['/api/v1/users', '/api/v1/audit-events', `/api/v1/users/${admin.user.id}`]) {
        for (const spelling of spellings(path)) {
          const { status } = await app.client.as(ada).get(spelling);
          expect({ spelling, closed: [400, 403, 404].includes(status) }).toEqual({ spelling, closed: true });
        }
      }
    });

    it('paths are told apart by case (RFC 3986, section 6.2.2.1), so that a rule of a proxy can not be passed by', async () => {
      for (const path of ['/API/V1/items', '/api/v1/Items', '/Metrics', '/HEALTH/detailed']) {
        expect((await app.client.as(admin).get(path)).status).toBe(404);
      }
    });

    it('a header or a parameter changes neither the method nor the path', async () => {
      const item = await createItem(app, ada);
      const path = `/api/v1/items/${item.id}`;
      for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override', '_method']) {
        const headers = { [name]: 'DELETE' };
        expect((await app.client.as(ada).get(path, { headers })).status).toBe(200);
        expect((await app.client.as(ada).post(`${path}/restore`, undefined, { headers })).status).toBe(200);
        expect((await app.client.as(ada).get(`${path}?${name}=DELETE`)).status).toBe(400);
      }
      for (const name of ['x-original-url', 'x-rewrite-url', 'x-forwarded-path', 'x-forwarded-prefix']) {
        const { status, text } = await app.client.get('/health/live', { headers: { [name]: '/api/v1/users' } });
        expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' });
        const rewritten = await app.client.get('/api/v1/users', { headers: { [name]: '/health/live' } });
        expect(rewritten.status).toBe(401);
      }
    });

    it('HEAD asks for the same rights as GET', async () => {
      expect((await app.client.request('HEAD', '/api/v1/users')).status).toBe(401);
      expect((await app.client.as(ada).request('HEAD', '/api/v1/users')).status).toBe(403);
      expect((await app.client.as(admin).request('HEAD', '/api/v1/users')).status).toBe(200);
    });
  });
});

/** Operations that end the caller's own account. */
function isFinal(operationId: string): boolean {
  return operationId === 'usersRemoveMe';
}

/** What Express really serves, as "GET /api/v1/items/{id}"; the handlers that answer 405 are no routes. */
function routesOf(nest: NestExpressApplication): string[] {
  interface Layer {
    readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
  }
  const { router } = nest.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  return router.stack
    .map(({ route }) => ({ path: route?.path ?? '', methods: Object.keys(route?.methods ?? {}) }))
    .filter(({ methods }) => methods.length === 1)
    .map(({ path, methods: [method = ''] }) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
}
