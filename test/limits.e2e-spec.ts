import { Agent } from 'node:http';
import { Redis } from 'ioredis';
import { createUser, password, signedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { HttpClient } from './support/client.js';
import { eventually } from './support/eventually.js';
import { resources } from './support/resources.js';
import { describeWithNginx, startNginx, type Nginx } from './support/nginx.js';
import {
  describeWithOwnRedis,
  describeWithRedis,
  openTestRedis,
  startTestRedis,
  type OwnRedis,
  type TestRedis,
} from './support/redis.js';

const anyItems = '/api/v1/items';

describe('rate limits', () => {
  const started = resources();

  /** The client says that it stands at this address; whether that is believed is the product's business. */
  function from(app: TestApp, address: string, headers: Record<string, string> = {}): HttpClient {
    return app.client.with({ headers: { 'x-forwarded-for': address, ...headers } });
  }

  async function statuses(count: number, send: (index: number) => Promise<Answer<unknown>>): Promise<number[]> {
    const answers: number[] = [];
    for (let index = 0; index < count; index++) answers.push((await send(index)).status);
    return answers;
  }

  function login(client: HttpClient, username: string, secret = 'wrong'): Promise<Answer<unknown>> {
    return client.post('/api/v1/auth/login', { username, password: secret });
  }

  describe('without trusted proxies', () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await started.app({ RATE_LIMIT_ANONYMOUS: '5/hour', RATE_LIMIT_LOGIN: '3/hour' });
    });

    it('F1: a forged X-Forwarded-For, X-Real-IP or Forwarded wins nothing', async () => {
      const forged = (index: number) => ({
        'x-forwarded-for': `192.0.2.${index}`,
        'x-real-ip': `192.0.2.${index}`,
        forwarded: `for=192.0.2.${index}`,
        'x-client-ip': `192.0.2.${index}`,
        'cf-connecting-ip': `192.0.2.${index}`,
      });
      const sent = await statuses(10, (index) => app.client.get(anyItems, { headers: forged(index) }));
      expect(sent).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429]);
      const logins = await statuses(5, (index) => login(app.client.with({ headers: forged(index) }), `nobody${index}`));
      expect(logins).toEqual([401, 401, 401, 429, 429]);
    });

    it('F6: health, metrics and documentation are not limited', async () => {
      const paths = [
        '/health',
        '/health/live',
        '/health/ready',
        '/health/detailed',
        '/metrics',
        '/docs',
        '/redoc',
        '/openapi.json',
      ];
      for (const path of paths) {
        expect(await statuses(7, () => app.client.get(path))).toEqual(Array(7).fill(200));
        expect((await app.client.get(path)).headers).not.toHaveProperty('ratelimit');
      }
    });
  });

  describe('with this host as a trusted proxy', () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await started.app({
        TRUSTED_PROXIES: '127.0.0.1/32, 10.0.0.0/8',
        RATE_LIMIT_ANONYMOUS: '3/hour',
        RATE_LIMIT_AUTHENTICATED: '5/minute',
        RATE_LIMIT_LOGIN: '4/minute',
      });
    });

    it('F2: the address that the proxy saw counts, and not what the client put before it', async () => {
      const sent = await statuses(5, (index) => from(app, `198.51.100.${index}, 203.0.113.1`).get(anyItems));
      expect(sent).toEqual([401, 401, 401, 429, 429]);
      expect(await from(app, '203.0.113.1, 203.0.113.2').get(anyItems)).toMatchObject({ status: 401 });
    });

    it('F2: a chain of trusted proxies is followed to the first stranger', async () => {
      const sent = await statuses(5, (index) =>
        from(app, `198.51.100.${index}, 203.0.113.3, 10.0.0.${index}`).get(anyItems),
      );
      expect(sent).toEqual([401, 401, 401, 429, 429]);
    });

    it('F2: IPv6 counts by /64', async () => {
      const sent = await statuses(5, (index) => from(app, `2001:db8:0:1:${index}::${index}`).get(anyItems));
      expect(sent).toEqual([401, 401, 401, 429, 429]);
      expect(await from(app, '2001:db8:0:2::1').get(anyItems)).toMatchObject({ status: 401 });
    });

    it('F2: IPv4 in IPv6 counts as the IPv4 address', async () => {
      const spellings = ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109', '203.0.113.9', '203.0.113.9'];
      expect(await statuses(5, (index) => from(app, spellings[index]!).get(anyItems))).toEqual([
        401, 401, 401, 429, 429,
      ]);
    });

    it.each(['unknown', 'not an address', '_hidden', '999.1.1.1', "'; drop table users"])(
      'F2: what is no address ("%s") shares one count',
      async (address) => {
        expect([401, 429]).toContain((await from(app, address).get(anyItems)).status);
        await statuses(3, () => from(app, 'unknown').get(anyItems));
        expect((await from(app, address).get(anyItems)).status).toBe(429);
      },
    );

    it('F6: a 429 is a problem that tells when to come back', async () => {
      const client = from(app, '203.0.113.20');
      await statuses(3, () => client.get(anyItems));
      const { status, headers, body } = await client.get(anyItems);
      expect(status).toBe(429);
      expect(body).toMatchObject({ code: 'rate_limited', title: 'Too Many Requests' });
      const seconds = Number(headers['retry-after']);
      expect(seconds).toBeGreaterThan(3500);
      expect(seconds).toBeLessThanOrEqual(3600);
      expect(headers).toMatchObject({
        'ratelimit-policy': '"anonymous";q=3;w=3600',
        ratelimit: `"anonymous";r=0;t=${seconds}`,
      });
    });

    it('F6: answers before the limit tell what is left', async () => {
      const client = from(app, '203.0.113.21');
      const { headers } = await client.get(anyItems);
      expect(headers.ratelimit).toMatch(/^"anonymous";r=2;t=\d+$/);
      expect(headers).not.toHaveProperty('retry-after');
    });

    it('counts a user by the account, wherever they are, and a bad token as anonymous by address', async () => {
      const { token } = await signedInUser({ ...app, client: from(app, '203.0.113.30') });
      const sent = await statuses(6, (index) =>
        from(app, `203.0.113.${40 + index}`)
          .with({ token })
          .get('/api/v1/users/me'),
      );
      expect(sent).toEqual([200, 200, 200, 200, 200, 429]);
      const other = await signedInUser({ ...app, client: from(app, '203.0.113.30') });
      expect(await from(app, '203.0.113.40').as(other).get('/api/v1/users/me')).toMatchObject({ status: 200 });

      const forged = from(app, '203.0.113.50').with({ token: `${token}x` });
      expect(await statuses(4, () => forged.get('/api/v1/users/me'))).toEqual([401, 401, 401, 429]);
      const random = (index: number) => from(app, '203.0.113.51').with({ token: `token${index}` });
      expect(await statuses(4, (index) => random(index).get(anyItems))).toEqual([401, 401, 401, 429]);
    });

    it('A17: logins count by address, over all names, apart from other requests', async () => {
      const client = from(app, '203.0.113.60');
      expect(await statuses(5, (index) => login(client, `stranger${index}`))).toEqual([401, 401, 401, 401, 429]);
      expect(await client.get(anyItems)).toMatchObject({ status: 401 });
      const { headers } = await login(client, 'stranger9');
      expect(headers).toMatchObject({ 'ratelimit-policy': '"login";q=4;w=60' });
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    });

    it('A17: logins count by account, from all addresses, by name and by e-mail address alike', async () => {
      const user = await createUser(app);
      const names = [user.username, user.email, user.username.toUpperCase(), user.email.toUpperCase(), user.username];
      const sent = await statuses(5, (index) => login(from(app, `203.0.113.${70 + index}`), names[index]!));
      expect(sent).toEqual([401, 401, 401, 401, 429]);
      expect(await login(from(app, '203.0.113.79'), user.username, password)).toMatchObject({ status: 429 });
    });

    it('A17: a name that does not exist is limited like one that does', async () => {
      const sent = await statuses(5, (index) => login(from(app, `203.0.113.${80 + index}`), 'No_Body_At_All'));
      expect(sent).toEqual([401, 401, 401, 401, 429]);
    });

    it('A17: parallel guesses all count', async () => {
      const user = await createUser(app);
      const guesses = Array.from({ length: 30 }, (_, index) => login(from(app, `198.18.0.${index}`), user.username));
      const sent = (await Promise.all(guesses)).map(({ status }) => status);
      expect(sent.filter((status) => status !== 429)).toHaveLength(4);
    });
  });

  it('a limit that is off lets everything pass', async () => {
    const app = await started.app({ RATE_LIMIT_ANONYMOUS: '1/day' });
    expect(await statuses(8, (index) => login(app.client, `nobody${index}`))).toEqual(Array(8).fill(401));
    expect(await statuses(3, () => login(app.client, 'nobody'))).toEqual([401, 401, 401]);
    expect(await statuses(2, () => app.client.get(anyItems))).toEqual([401, 429]);
  });

  it('a window ends', async () => {
    const app = await started.app({ RATE_LIMIT_ANONYMOUS: '2/second' });
    await statuses(2, () => app.client.get(anyItems));
    expect(await app.client.get(anyItems)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    await eventually(async () => (await app.client.get(anyItems)).status === 401);
  });

  describeWithNginx('behind nginx', () => {
    let nginx: Nginx;
    beforeAll(async () => {
      const app = await started.app({ TRUSTED_PROXIES: '127.0.0.1/32', RATE_LIMIT_ANONYMOUS: '5/hour' });
      nginx = await startNginx(app.url);
    });
    afterAll(() => nginx.stop());

    it('F2: clients are told apart by their true address, whatever they claim', async () => {
      const at = (localAddress: string) =>
        new HttpClient(nginx.url, undefined, {}, new Agent({ localAddress, keepAlive: false }));
      const forge = (index: number) => ({
        headers: {
          'x-forwarded-for': `192.0.2.${index}`,
          'x-real-ip': `192.0.2.${index}`,
          forwarded: `for=192.0.2.${index}`,
        },
      });
      const sent = await statuses(8, (index) => at('127.0.0.2').get(anyItems, forge(index)));
      expect(sent).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
      // Somebody else is not touched by it, though the attacker claims to be them.
      await statuses(5, () => at('127.0.0.2').get(anyItems, { headers: { 'x-forwarded-for': '127.0.0.3' } }));
      expect(await at('127.0.0.3').get(anyItems, forge(1))).toMatchObject({ status: 401 });
    });
  });

  describeWithRedis('over several instances', () => {
    let redis: TestRedis;
    let instances: TestApp[];
    beforeAll(async () => {
      redis = await openTestRedis();
      const settings = {
        REDIS_URL: redis.url,
        TRUSTED_PROXIES: '127.0.0.1/32',
        RATE_LIMIT_ANONYMOUS: '20/hour',
        RATE_LIMIT_LOGIN: '5/hour',
      };
      instances = [await started.app(settings)];
      const { databaseUrl } = instances[0]!;
      // One after the other: the registry of the metrics belongs to the process.
      for (let count = 1; count < 4; count++)
        instances.push(await started.app({ ...settings, DATABASE_URL: databaseUrl }));
    });
    afterAll(() => redis.stop());

    it('F3: of 200 parallel requests over four instances exactly the limit passes', async () => {
      const sent = await Promise.all(
        Array.from({ length: 200 }, (_, index) => from(instances[index % 4]!, '203.0.113.1').get(anyItems)),
      );
      expect(sent.filter(({ status }) => status === 401)).toHaveLength(20);
      expect(sent.filter(({ status }) => status === 429)).toHaveLength(180);
    });

    it('F3: of 40 parallel guesses over four instances exactly the limit is looked at', async () => {
      const user = await createUser(instances[0]!);
      const guesses = Array.from({ length: 40 }, (_, index) =>
        login(from(instances[index % 4]!, `203.0.113.${100 + index}`), user.username),
      );
      const sent = (await Promise.all(guesses)).map(({ status }) => status);
      expect(sent.filter((status) => status !== 429)).toEqual([401, 401, 401, 401, 401]);
    });

    it('F4, F7: every key has an end, and no name stands in it', async () => {
      for (let index = 0; index < 4; index++) await login(from(instances[0]!, `203.0.114.${index}`), `canary${index}`);
      const client = new Redis(redis.url);
      const keys = await client.keys('*limit*');
      const ends = await Promise.all(keys.map((key) => client.pttl(key)));
      await client.quit();
      expect(keys.length).toBeGreaterThan(4);
      expect(keys.join()).not.toContain('canary');
      expect(Math.min(...ends)).toBeGreaterThan(0);
    });
  });

  describeWithOwnRedis('while Redis is away', () => {
    let redis: OwnRedis;
    let app: TestApp;
    beforeEach(async () => {
      redis = await startTestRedis();
      app = await startTestApp({
        REDIS_URL: redis.url,
        TRUSTED_PROXIES: '127.0.0.1/32',
        RATE_LIMIT_ANONYMOUS: '20/hour',
        RATE_LIMIT_LOGIN: '8/hour',
      });
    });
    afterEach(async () => {
      await app.close();
      await redis.stop();
    });

    it.each(['SIGKILL', 'SIGSTOP'] as const)(
      'F5: after %s requests go on at once, with local limits that are stricter',
      async (signal) => {
        expect(await from(app, '203.0.113.1').get(anyItems)).toMatchObject({ status: 401 });
        process.kill(redis.pid, signal);
        const startedAt = performance.now();
        expect(await from(app, '203.0.113.2').get(anyItems)).toMatchObject({ status: 401 });
        expect(performance.now() - startedAt).toBeLessThan(1000);

        const laterAt = performance.now();
        const sent = await statuses(14, () => from(app, '203.0.113.3').get(anyItems));
        // Far less than what waiting for Redis would cost each of them.
        expect((performance.now() - laterAt) / 14).toBeLessThan(90);
        expect(sent.filter((status) => status === 401)).toHaveLength(10);
        const logins = await statuses(6, (index) => login(from(app, '203.0.113.4'), `nobody${index}`));
        expect(logins).toEqual([401, 401, 429, 429, 429, 429]);

        const { text } = await app.client.get('/metrics');
        expect(Number(/^rate_limit_storage_fallbacks_total (\d+)/m.exec(text)?.[1])).toBeGreaterThan(14);
        expect(await app.client.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'degraded' } });

        await (signal === 'SIGSTOP' ? process.kill(redis.pid, 'SIGCONT') : redis.restart());
        await eventually(async () => (await app.client.get<{ status: string }>('/health/ready')).body.status === 'ok');
        const after = await statuses(21, () => from(app, '203.0.113.5').get(anyItems));
        expect(after.filter((status) => status === 401)).toHaveLength(20);
      },
    );
  });
});
