import { hash as bcrypt } from '@node-rs/bcrypt';
import { Client } from 'pg';
import { createItem, newItem } from './factories/item.factory.js';
import {
  createUser,
  newRegistration,
  password,
  signedInAdmin,
  signedInUser,
  type SignedInUser,
} from './factories/user.factory.js';
import type { Item, Problem, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';

describe('races', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let admin: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    ada = await signedInUser(app);
    admin = await signedInAdmin(app);
  });
  afterAll(() => app.close());

  /** How many answers had which status, and code if it is an error. */
  const tally = (answers: Answer<unknown>[]) => {
    const counts: Record<string, number> = {};
    for (const { status, body } of answers) {
      const outcome = status < 400 ? String(status) : `${status} ${(body as Problem).code}`;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  };
  const parallel = <T>(count: number, send: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => send(index)));

  describe('H1: registrations', () => {
    it('of one address: 20 at once make one account and nineteen 409', async () => {
      const email = 'race@example.com';
      const answers = await parallel(20, () => app.client.post('/api/v1/auth/register', newRegistration({ email })));
      expect(tally(answers)).toEqual({ 201: 1, '409 email_taken': 19 });
      expect(await app.sql('SELECT 1 FROM users WHERE email_key = $1', [email])).toHaveLength(1);
    });

    it('of one name in any case: 20 at once make one account and nineteen 409', async () => {
      const names = ['race_of_names', 'RACE_OF_NAMES', 'Race_Of_Names'];
      const answers = await parallel(20, (index) =>
        app.client.post('/api/v1/auth/register', newRegistration({ username: names[index % 3] })),
      );
      expect(tally(answers)).toEqual({ 201: 1, '409 username_taken': 19 });
    });

    it('of one name, whose first has a taken address: another one gets the name', async () => {
      const username = 'race_after_fault';
      const { email } = await createUser(app);
      const answers = await parallel(6, (index) =>
        app.client.post('/api/v1/auth/register', newRegistration({ username, ...(index === 0 && { email }) })),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    });
  });

  it('H1: ten users who want the same name at once: one gets it', async () => {
    const users: SignedInUser[] = [];
    for (let count = 0; count < 10; count++) users.push(await signedInUser(app));
    const answers = await Promise.all(
      users.map((user) => app.client.as(user).patch('/api/v1/users/me', { username: 'wanted_by_all' })),
    );
    expect(tally(answers)).toEqual({ 200: 1, '409 username_taken': 9 });
  });

  it('a hash from an older system is upgraded by logins at once, and none of them fails', async () => {
    const { id, username } = await createUser(app, { passwordHash: await bcrypt(password, { cost: 4 }) });
    const answers = await parallel(8, () => app.client.post('/api/v1/auth/login', { username, password }));
    expect(tally(answers)).toEqual({ 200: 8 });
    const [row] = await app.sql<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE id = $1', [id]);
    expect(row?.hash).toMatch(/^\$argon2id\$/);
    expect(tally([await app.client.post('/api/v1/auth/login', { username, password })])).toEqual({ 200: 1 });
  });

  describe('H2: changes of one item', () => {
    const change = (id: string, ifMatch: string, quantity: number) =>
      app.client.as(ada).patch<Item>(`/api/v1/items/${id}`, { quantity }, { headers: { 'if-match': ifMatch } });

    it('with the same If-Match: 20 at once make one 200 and nineteen 412, and no change is lost', async () => {
      const item = await createItem(app, ada);
      const answers = await parallel(20, (index) => change(item.id, '"1"', index + 1));
      expect(tally(answers)).toEqual({ 200: 1, '412 precondition_failed': 19 });
      const winner = answers.find(({ status }) => status === 200)?.body;
      const { body } = await app.client.as(ada).get<Item>(`/api/v1/items/${item.id}`);
      expect(body).toEqual(winner);
      expect(body.version).toBe(2);
    });

    it('with any version: all succeed, and each has a version of its own', async () => {
      const item = await createItem(app, ada);
      const answers = await parallel(20, (index) => change(item.id, '*', index + 1));
      expect(tally(answers)).toEqual({ 200: 20 });
      const versions = answers.map(({ body }) => body.version).sort((a, b) => a - b);
      expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
    });
  });

  describe('H5: changes, deletions and restorations', () => {
    it('of one item in any order end in 2xx, 404 or 412', async () => {
      const client = app.client.as(ada);
      for (let round = 0; round < 10; round++) {
        const item = await createItem(app, ada);
        const path = `/api/v1/items/${item.id}`;
        const answers = await Promise.all([
          ...Array.from({ length: 4 }, (_, index) =>
            client.patch(path, { quantity: index }, { headers: { 'if-match': '*' } }),
          ),
          ...Array.from({ length: 4 }, () => client.delete(path)),
          ...Array.from({ length: 4 }, () => client.post(`${path}/restore`)),
        ]);
        expect(answers.filter(({ status }) => ![200, 204, 404, 412].includes(status))).toEqual([]);
      }
    });

    it('deleting at once deletes once, restoring at once raises the version once', async () => {
      const client = app.client.as(ada);
      const item = await createItem(app, ada);
      const path = `/api/v1/items/${item.id}`;
      expect(tally(await parallel(8, () => client.delete(path)))).toEqual({ 204: 1, '404 not_found': 7 });
      const restored = await parallel(8, () => client.post<Item>(`${path}/restore`));
      expect(restored.map(({ body }) => body.version)).toEqual(Array(8).fill(3));
    });

    it('an account that is deleted while it is used: every request is served or 401', async () => {
      for (let round = 0; round < 5; round++) {
        const user = await signedInUser(app);
        const client = app.client.as(user);
        const answers = await Promise.all([
          ...Array.from({ length: 4 }, () => client.post('/api/v1/items', newItem())),
          ...Array.from({ length: 2 }, () => client.get('/api/v1/users/me')),
          client.delete('/api/v1/users/me'),
          ...Array.from({ length: 2 }, () =>
            client.patch('/api/v1/users/me', { username: `late_${round}_${user.user.username}` }),
          ),
          ...Array.from({ length: 4 }, () => client.post('/api/v1/items', newItem())),
        ]);
        expect(answers.filter(({ status }) => ![200, 201, 204, 401].includes(status))).toEqual([]);
        expect(await app.sql('SELECT 1 FROM items WHERE owner_id = $1', [user.user.id])).toEqual([]);
      }
    });

    it('an account that another instance has deleted is 401 wherever it is still remembered', async () => {
      const requests: ((user: SignedInUser) => Promise<Answer<unknown>>)[] = [
        (user) => app.client.as(user).get('/api/v1/users/me'),
        (user) => app.client.as(user).patch('/api/v1/users/me', { username: `gone_${user.user.username}` }),
        (user) => app.client.as(user).patch('/api/v1/users/me', {}),
        (user) => app.client.as(user).patch('/api/v1/users/me', { email: `gone_${user.user.email}` }),
        (user) => app.client.as(user).delete('/api/v1/users/me'),
        (user) => app.client.as(user).post('/api/v1/items', newItem()),
      ];
      for (const send of requests) {
        const user = await signedInUser(app);
        expect((await app.client.as(user).get('/api/v1/items')).status).toBe(200);
        await app.sql('DELETE FROM users WHERE id = $1', [user.user.id]);
        expect(tally([await send(user)])).toEqual({ '401 invalid_token': 1 });
      }
    });

    it('a profile that is read while it changes is always served', async () => {
      const user = await signedInUser(app);
      const client = app.client.as(user);
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            index % 4 === 0
              ? client.patch<User>('/api/v1/users/me', { email: `round${round}.${index}@example.com` })
              : client.get<User>('/api/v1/users/me'),
          ),
        );
        expect(tally(answers)).toEqual({ 200: 12 });
      }
    });

    it('rights that change while they are asked for are always answered', async () => {
      const user = await signedInUser(app);
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            index % 4 === 0
              ? app.client.as(admin).patch(`/api/v1/users/${user.user.id}`, { roles: round % 2 ? ['user'] : ['admin'] })
              : app.client.as(user).get('/api/v1/users?limit=1'),
          ),
        );
        expect(answers.filter(({ status }) => ![200, 403].includes(status))).toEqual([]);
      }
    });

    it('a deadlock with somebody else ends in success or in 503 with Retry-After', async () => {
      const user = await signedInUser(app);
      const item = await createItem(app, user);
      const other = new Client({ connectionString: app.databaseUrl });
      await other.connect();
      try {
        // The deletion locks the user and waits for the item; then the other one, who holds the item, wants the user.
        await other.query('BEGIN');
        await other.query('UPDATE items SET quantity = 1 WHERE id = $1', [item.id]);
        const deletion = app.client.as(admin).delete(`/api/v1/users/${user.user.id}`, { allow5xx: true });
        await waitForBlocked(other);
        await other.query('UPDATE users SET is_active = true WHERE id = $1', [user.user.id]).then(
          () => other.query('COMMIT'),
          () => other.query('ROLLBACK'),
        );
        const { status, headers } = await deletion;
        expect([204, 503]).toContain(status);
        if (status === 503) expect(headers['retry-after']).toMatch(/^\d+$/);
      } finally {
        await other.end();
      }
    });
  });
});

/** Until some statement of this database waits for a lock. */
async function waitForBlocked(client: Client): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await client.query(waiting)).rowCount === 0);
}
