import { HttpClient } from './support/client.js';
import { createUser, password } from './factories/user.factory.js';
import { resources } from './support/resources.js';

/** Sets the clock of a process that is started with it forward. */
const clockAhead = (seconds: number) =>
  `const now=Date.now;const Real=Date;globalThis.Date=class extends Real{constructor(...a){a.length?super(...a):super(now()+${seconds * 1000})}static now(){return now()+${seconds * 1000}}}`;

describe('R13: clocks of two instances that differ', () => {
  const started = resources();

  it.each([
    [20, 200],
    [120, 401],
  ])('by %d seconds: the token of the one that is ahead is answered with %d', async (seconds, expected) => {
    const honest = await started.app();
    const user = await createUser(honest);
    const ahead = await started.product({
      DATABASE_URL: honest.databaseUrl,
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(clockAhead(seconds))}"`,
    });
    const client = new HttpClient(ahead.url, undefined);
    started.add(() => client.close());
    const login = await client.post<{ accessToken: string }>('/api/v1/auth/login', {
      username: user.username,
      password,
    });
    expect(login.status).toBe(200);
    const token = login.body.accessToken;
    expect((await client.get('/api/v1/users/me', { token })).status).toBe(200);
    expect((await honest.client.get('/api/v1/users/me', { token })).status).toBe(expected);
  });
});
