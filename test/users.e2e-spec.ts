import { createItem } from './factories/item.factory.js';
import {
  createUser,
  password,
  signedInAdmin,
  signedInUser,
  signIn,
  type SignedInUser,
} from './factories/user.factory.js';
import type { Page, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import { HttpClient } from './support/client.js';
import { ContractCheck } from './support/contract-check.js';
import { startProduct, type Product } from './support/product.js';

const nobody = '01936c1e-8f2a-7c3b-9a41-5d2f7be01234';
/** Within which a change of rights must be felt everywhere. */
const boundMs = 1000;

describe('Users', () => {
  let app: TestApp;
  let admin: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await signedInAdmin(app);
  });
  afterAll(() => app.close());

  const asAdmin = () => app.client.as(admin);

  describe('GET /api/v1/users/me', () => {
    it('reads the own profile', async () => {
      const { user, token } = await signedInUser(app);
      const { status, body } = await app.client.get<User>('/api/v1/users/me', { token });
      expect(status).toBe(200);
      expect(body).toEqual(user);
    });

    it('answers 401 to strangers and 400 to query keys', async () => {
      expect((await app.client.get('/api/v1/users/me')).status).toBe(401);
      expect((await asAdmin().get('/api/v1/users/me?verbose=1')).status).toBe(400);
    });
  });

  describe('PATCH /api/v1/users/me', () => {
    it('changes username and address, also in case only, and the new ones sign in', async () => {
      const ada = await signedInUser(app, { username: 'renamed_before' });
      const changes = { username: 'Renamed_After', email: 'Renamed@Example.com' };
      const { status, body } = await app.client.as(ada).patch<User>('/api/v1/users/me', changes);
      expect(status).toBe(200);
      expect(body).toEqual({ ...ada.user, ...changes, updatedAt: body.updatedAt });
      expect(body.updatedAt > ada.user.updatedAt).toBe(true);
      expect((await app.client.as(ada).get<User>('/api/v1/users/me')).body).toEqual(body);
      await signIn(app, 'renamed_after');
      await signIn(app, 'renamed@example.com');
      await expect(signIn(app, 'renamed_before')).rejects.toThrow('failed');

      const sameName = await app.client.as(ada).patch<User>('/api/v1/users/me', { username: 'RENAMED_after' });
      expect(sameName.body.username).toBe('RENAMED_after');
    });

    it('makes a new address unverified, and lets the same one in another case be', async () => {
      const ada = await signedInUser(app);
      await app.sql('UPDATE users SET email_verified = true WHERE id = $1', [ada.user.id]);
      const change = async (email: string) =>
        (await app.client.as(ada).patch<User>('/api/v1/users/me', { email })).body.emailVerified;
      expect(await change(ada.user.email.toUpperCase())).toBe(true);
      expect(await change(` ${ada.user.email} `)).toBe(true);
      expect(await change(`new.${ada.user.email}`)).toBe(false);
    });

    it('answers 409 when a name or address is taken, in any case, and changes nothing', async () => {
      const ada = await signedInUser(app);
      const other = await createUser(app);
      const change = (changes: object) => app.client.as(ada).patch('/api/v1/users/me', changes);
      const email = `${other.username}.new@example.com`;
      expect(await change({ username: other.username.toUpperCase(), email })).toMatchObject({
        status: 409,
        body: { code: 'username_taken' },
      });
      expect(await change({ email: other.email.toUpperCase() })).toMatchObject({
        status: 409,
        body: { code: 'email_taken' },
      });
      expect((await app.client.as(ada).get<User>('/api/v1/users/me')).body).toEqual(ada.user);
    });

    it('changes nothing by an empty body', async () => {
      const ada = await signedInUser(app);
      const { status, body } = await app.client.as(ada).patch<User>('/api/v1/users/me', {});
      expect(status).toBe(200);
      expect(body).toEqual(ada.user);
    });

    it.each([
      [{ username: 'a' }, 'username'],
      [{ username: null }, 'username'],
      [{ username: 5 }, 'username'],
      [{ email: 'nobody' }, 'email'],
      [{ email: null }, 'email'],
      [{ email: ['a@b.co'] }, 'email'],
    ])('answers 400 to %j', async (changes, field) => {
      const { status, body } = await asAdmin().patch('/api/v1/users/me', changes);
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field }]);
    });

    it('answers 401 to strangers', async () => {
      expect((await app.client.patch('/api/v1/users/me', { username: 'stranger' })).status).toBe(401);
    });
  });

  describe('DELETE /api/v1/users/me', () => {
    it('removes the account and all that is its own; the token ends with it', async () => {
      const ada = await signedInUser(app);
      const item = await createItem(app, ada);
      expect((await app.client.delete('/api/v1/users/me')).status).toBe(401);
      expect((await app.client.as(ada).delete('/api/v1/users/me')).status).toBe(204);
      expect((await app.client.as(ada).get('/api/v1/users/me')).status).toBe(401);
      expect((await app.client.as(ada).delete('/api/v1/users/me')).status).toBe(401);
      await expect(signIn(app, ada.user.username)).rejects.toThrow('invalid_credentials');
      expect((await asAdmin().get(`/api/v1/users/${ada.user.id}`)).status).toBe(404);
      expect(await app.sql('SELECT 1 FROM items WHERE id = $1', [item.id])).toEqual([]);
    });

    it('frees name and address', async () => {
      const ada = await signedInUser(app);
      await app.client.as(ada).delete('/api/v1/users/me');
      const { username, email } = ada.user;
      expect((await app.client.post('/api/v1/auth/register', { username, email, password })).status).toBe(201);
    });
  });

  describe('GET /api/v1/users', () => {
    const walk = async (query: Record<string, string | number>) => {
      const users: User[] = [];
      let cursor: string | null | undefined;
      do {
        const { status, body } = await asAdmin().get<Page<User>>('/api/v1/users', {
          query: { ...query, ...(cursor && { cursor }) },
        });
        expect(status).toBe(200);
        users.push(...body.data);
        cursor = body.page.nextCursor;
      } while (cursor);
      return users;
    };

    it('lists all users to administrators, newest first, page by page', async () => {
      for (let count = 0; count < 5; count++) await createUser(app);
      const stored = await app.sql<{ id: string }>('SELECT id FROM users ORDER BY created_at DESC, id DESC');
      const ids = stored.map(({ id }) => id);
      expect((await walk({ limit: 3 })).map(({ id }) => id)).toEqual(ids);
      expect((await walk({ limit: 2, sort: 'createdAt' })).map(({ id }) => id)).toEqual(ids.reverse());
    });

    it('has 20 on a page, and a total only when it is asked for', async () => {
      const { body } = await asAdmin().get<Page<User>>('/api/v1/users');
      expect(body.page.limit).toBe(20);
      expect(body.page).not.toHaveProperty('total');
      const counted = await asAdmin().get<Page<User>>('/api/v1/users', { query: { include: 'total', limit: 1 } });
      const [stored] = await app.sql<{ count: string }>('SELECT count(*) FROM users');
      expect(counted.body.page.total).toBe(Number(stored?.count));
    });

    it('answers 401 to strangers, 403 to users and 400 to what it does not know', async () => {
      const { token } = await signedInUser(app);
      expect((await app.client.get('/api/v1/users')).status).toBe(401);
      expect((await app.client.get('/api/v1/users', { token })).status).toBe(403);
      for (const query of ['role=admin', 'limit=0', 'limit=101', 'sort=email', 'include=items', 'cursor=abc']) {
        expect((await asAdmin().get(`/api/v1/users?${query}`)).status).toBe(400);
      }
    });

    it('C2: refuses a cursor that was edited, or that belongs to another list or order', async () => {
      const first = await asAdmin().get<Page<User>>('/api/v1/users?limit=1');
      const cursor = first.body.page.nextCursor!;
      const edited = `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`;
      for (const path of [
        `/api/v1/users?limit=1&cursor=${edited}`,
        `/api/v1/users?sort=createdAt&cursor=${cursor}`,
        `/api/v1/audit-events?cursor=${cursor}`,
        `/api/v1/items?cursor=${cursor}`,
      ]) {
        expect(await asAdmin().get(path)).toMatchObject({
          status: 400,
          body: { errors: [{ field: 'cursor', code: 'invalid_cursor' }] },
        });
      }
      expect((await asAdmin().get(`/api/v1/users?limit=2&cursor=${cursor}`)).status).toBe(200);
    });
  });

  describe.each(['GET', 'PATCH', 'DELETE'])('%s /api/v1/users/:id', (method) => {
    const send = (id: string, token?: string) =>
      app.client.request(method, `/api/v1/users/${id}`, {
        ...(token !== undefined && { token }),
        ...(method === 'PATCH' && { body: { isActive: true } }),
      });

    it('answers 401 to strangers, 403 to users (of themselves too), 404 for nobody, 400 for what is no id', async () => {
      const ada = await signedInUser(app);
      expect((await send(ada.user.id)).status).toBe(401);
      expect((await send(ada.user.id, ada.token)).status).toBe(403);
      expect((await send(nobody, ada.token)).status).toBe(403);
      expect((await send(nobody, admin.token)).status).toBe(404);
      expect((await send('not-an-id', admin.token)).status).toBe(400);
    });
  });

  it('GET /api/v1/users/:id reads a user', async () => {
    const user = await createUser(app);
    const { status, body } = await asAdmin().get<User>(`/api/v1/users/${user.id}`);
    expect(status).toBe(200);
    expect(body).toEqual(user);
  });

  describe('PATCH /api/v1/users/:id', () => {
    it('changes roles and whether the user may sign in', async () => {
      const user = await createUser(app);
      const changes = { roles: ['user', 'admin'], isActive: false };
      const { status, body } = await asAdmin().patch<User>(`/api/v1/users/${user.id}`, changes);
      expect(status).toBe(200);
      expect(body).toEqual({ ...user, ...changes, updatedAt: body.updatedAt });
      await expect(signIn(app, user.username)).rejects.toThrow('invalid_credentials');
      await asAdmin().patch(`/api/v1/users/${user.id}`, { isActive: true });
      await signIn(app, user.username);
    });

    it.each([
      [{ roles: [] }, 'roles'],
      [{ roles: ['root'] }, 'roles.0'],
      [{ roles: ['user', 'user'] }, 'roles'],
      [{ roles: 'admin' }, 'roles'],
      [{ roles: null }, 'roles'],
      [{ isActive: 'false' }, 'isActive'],
      [{ isActive: 0 }, 'isActive'],
      [{ isActive: null }, 'isActive'],
    ])('answers 400 to %j', async (changes, field) => {
      const user = await createUser(app);
      const { status, body } = await asAdmin().patch(`/api/v1/users/${user.id}`, changes);
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field }]);
      expect((await asAdmin().get<User>(`/api/v1/users/${user.id}`)).body).toEqual(user);
    });
  });

  it('DELETE /api/v1/users/:id removes a user and their items; their token ends', async () => {
    const ada = await signedInUser(app);
    await createItem(app, ada);
    expect((await asAdmin().delete(`/api/v1/users/${ada.user.id}`)).status).toBe(204);
    expect((await app.client.as(ada).get('/api/v1/items')).status).toBe(401);
    expect(await app.sql('SELECT 1 FROM items WHERE owner_id = $1', [ada.user.id])).toEqual([]);
    expect((await asAdmin().delete(`/api/v1/users/${ada.user.id}`)).status).toBe(404);
  });

  describe('C6: a change of rights is felt at once, and within a second by other instances', () => {
    let instance: Product;
    let neighbour: HttpClient;

    beforeAll(async () => {
      instance = await startProduct({ DATABASE_URL: app.databaseUrl });
      neighbour = new HttpClient(instance.url, await ContractCheck.of(instance.url));
    });
    afterAll(async () => {
      neighbour.close();
      await instance.stop();
    });

    it.each([
      ['demoted', 403, (id: string) => asAdmin().patch(`/api/v1/users/${id}`, { roles: ['user'] })],
      ['disabled', 401, (id: string) => asAdmin().patch(`/api/v1/users/${id}`, { isActive: false })],
      ['deleted', 401, (id: string) => asAdmin().delete(`/api/v1/users/${id}`)],
    ])('an administrator who is %s gets %d', async (_what, refusal, change) => {
      const former = await signedInAdmin(app);
      const list = (client: HttpClient) => client.as(former).get('/api/v1/users');
      // Both instances know the user now.
      expect((await list(app.client)).status).toBe(200);
      expect((await list(neighbour)).status).toBe(200);

      expect((await change(former.user.id)).status).toBeLessThan(300);
      const changedAt = performance.now();
      expect((await list(app.client)).status).toBe(refusal);

      let sentAt: number;
      let status: number;
      do {
        sentAt = performance.now();
        ({ status } = await list(neighbour));
        if (status === 200) expect(sentAt - changedAt).toBeLessThan(boundMs);
      } while (status === 200);
      expect(status).toBe(refusal);
    });

    it('one who is promoted may at once', async () => {
      const ada = await signedInUser(app);
      expect((await app.client.as(ada).get('/api/v1/users')).status).toBe(403);
      await asAdmin().patch(`/api/v1/users/${ada.user.id}`, { roles: ['admin'] });
      expect((await app.client.as(ada).get('/api/v1/users')).status).toBe(200);
    });
  });
});
