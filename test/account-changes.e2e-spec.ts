import { signedInAdmin, signedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { HttpClient } from './support/client.js';
import { eventually } from './support/eventually.js';

describe('accounts that change while they are used', () => {
  let app: TestApp;
  let admin: HttpClient;
  beforeAll(async () => {
    app = await startTestApp();
    admin = app.client.as(await signedInAdmin(app));
  });
  afterAll(() => app.close());

  it('a change by an administrator disturbs no request of the user', async () => {
    const ada = await signedInUser(app);
    const user = app.client.as(ada);
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all([
        user.get('/api/v1/users/me'),
        admin.patch(`/api/v1/users/${ada.user.id}`, { roles: ['user'] }),
        user.get('/api/v1/items'),
        user.patch('/api/v1/users/me', { username: `${ada.user.username}_${round}` }),
        user.get('/api/v1/items'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    }
  });

  // As another instance makes it: this process hears of it from the database alone.
  it.each([
    ['disabled', 'UPDATE users SET is_active = false WHERE id = $1', '/api/v1/items', 401],
    ['gone', 'DELETE FROM users WHERE id = $1', '/api/v1/items', 401],
    ['an administrator', `UPDATE users SET roles = '{user,admin}' WHERE id = $1`, '/api/v1/users', 200],
  ])('finds out within a second that a user who keeps asking is %s', async (_, change, path, status) => {
    const ada = await signedInUser(app);
    const user = app.client.as(ada);
    const asks = async () => (await user.get(path)).status;
    // Longer than an identity is believed without a look at the database.
    const startedAt = performance.now();
    await eventually(async () => (await asks()) !== status && performance.now() - startedAt > 1200);
    await app.sql(change, [ada.user.id]);
    expect(await eventually(async () => (await asks()) === status)).toBeLessThan(1500);
  });

  it('of a user who is deleted meanwhile, requests succeed or are 401', async () => {
    for (let round = 0; round < 10; round++) {
      const ada = await signedInUser(app);
      const user = app.client.as(ada);
      const answers = await Promise.all([
        user.get('/api/v1/users/me'),
        user.delete('/api/v1/users/me'),
        user.get('/api/v1/users/me'),
        user.patch('/api/v1/users/me', { username: `late_${round}` }),
        user.post('/api/v1/items', { title: 'late', price: '1' }),
        user.delete('/api/v1/users/me'),
        user.post('/api/v1/items', { title: 'later', price: '1' }),
      ]);
      for (const { status } of answers) expect([200, 201, 204, 401]).toContain(status);
      expect(await user.get('/api/v1/users/me')).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    }
  });
});
