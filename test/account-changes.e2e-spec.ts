import { signedInAdmin, signedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { HttpClient } from './support/client.js';

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
