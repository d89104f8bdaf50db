import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from 'pg';
import { HttpClient } from './support/client.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { problemFaults } from './support/problem-check.js';
import { resources } from './support/resources.js';

const listItems = '/api/v1/items';

describe('MAX_CONCURRENCY', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let client: HttpClient;
  let locker: Client;

  beforeAll(async () => {
    app = await startTestApp({ MAX_CONCURRENCY: '4', DATABASE_LOCK_TIMEOUT: '60' });
    ada = await signedInUser(app);
    client = app.client.as(ada).with({ allow5xx: true });
    locker = new Client({ connectionString: app.databaseUrl });
    await locker.connect();
  });
  afterAll(async () => {
    await locker.end();
    await app.close();
  });

  const metric = async (pattern: RegExp) =>
    Number(pattern.exec((await app.client.get('/metrics')).text)?.[1] ?? Number.NaN);

  /** Runs `work` while four requests are being served and stay so. */
  async function whileFull(work: () => Promise<void>): Promise<void> {
    await locker.query('BEGIN; LOCK TABLE items');
    const served = Array.from({ length: 4 }, () => client.get(listItems));
    await eventually(async () => (await metric(/^http_requests_in_flight (\d+)/m)) === 5);
    try {
      await work();
    } finally {
      await locker.query('ROLLBACK');
    }
    for (const answer of await Promise.all(served)) expect(answer.status).toBe(200);
  }

  it('R1.8, E8: over it a request is 503 overloaded with Retry-After at once, and those in flight are served', async () => {
    await whileFull(async () => {
      const startedAt = performance.now();
      const refused = await Promise.all(Array.from({ length: 20 }, () => client.get(listItems)));
      expect(performance.now() - startedAt).toBeLessThan(1000);
      for (const { status, headers, body } of refused) {
        expect({ status, code: body.code, retryAfter: headers['retry-after'] }).toEqual({
          status: 503,
          code: 'overloaded',
          retryAfter: '1',
        });
        expect(headers['x-request-id']).toBe(body.requestId);
      }
    });
    expect(await metric(/^requests_shed_total\{reason="concurrency"\} (\d+)/m)).toBe(20);
    expect(await metric(/^http_requests_total\{method="GET",endpoint="unmatched",status="503"\} (\d+)/m)).toBe(20);
    expect((await client.get(listItems)).status).toBe(200);
  });

  it('E8: health and metrics are not refused, and readiness stays 200', async () => {
    await whileFull(async () => {
      for (const path of ['/health', '/health/live', '/health/ready', '/health/detailed', '/metrics']) {
        expect([path, (await app.client.get(path)).status]).toEqual([path, 200]);
      }
    });
  });

  it('E8: a client that asks again at once waits most of the second that Retry-After asks of it; others do not', async () => {
    await whileFull(async () => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      const request = `GET ${listItems} HTTP/1.1\r\nHost: x\r\n\r\n`;
      socket.write(request);
      await once(socket, 'data');
      const startedAt = performance.now();
      socket.write(request);
      await once(socket, 'data');
      expect(performance.now() - startedAt).toBeGreaterThan(800);
      socket.write(request);
      const other = connect(Number(new URL(app.url).port), '127.0.0.1');
      other.write(request);
      const first = await Promise.race([
        once(socket, 'data').then(() => 'same'),
        once(other, 'data').then(() => 'other'),
      ]);
      expect(first).toBe('other');
      socket.destroy();
      other.destroy();
    });
  });

  it('E8: a request is refused before its body is read or its token looked at', async () => {
    await whileFull(async () => {
      const malformed = await client.post(listItems, '{"title":', { headers: { 'content-type': 'application/json' } });
      expect(malformed).toMatchObject({ status: 503, body: { code: 'overloaded' } });
      const large = await client.post(listItems, 'x'.repeat(90_000), { headers: { 'content-type': 'text/plain' } });
      expect(large).toMatchObject({ status: 503, headers: { connection: 'close' } });
      expect((await app.client.get('/nothing', { allow5xx: true })).status).toBe(503);
      const head = await client.request('HEAD', listItems);
      expect(head).toMatchObject({ status: 503, text: '' });
    });
  });
});

describe('MAX_EVENT_LOOP_DELAY', () => {
  const started = resources();
  /** Keeps the event loop busy for half a second after every turn, from one SIGUSR2 to the next. */
  const saboteur = `let busy=false;process.on('SIGUSR2',()=>{busy=!busy;const turn=()=>{if(!busy)return;const until=performance.now()+500;while(performance.now()<until);setTimeout(turn,1)};turn()})`;

  /** How late the event loop was at worst, since the last scrape. */
  const longest = (text: string) => Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]);

  it('R18, E8: new requests are 503 while the event loop stays late, and are served when it is on time', async () => {
    const database = await started.database();
    const product = await started.product({
      DATABASE_URL: database.url,
      MAX_EVENT_LOOP_DELAY: '0.25',
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(saboteur)}"`,
    });
    const client = new HttpClient(product.url, undefined);
    started.add(() => client.close());
    expect((await client.get(listItems)).status).toBe(401);

    process.kill(product.pid, 'SIGUSR2');
    await eventually(async () => {
      const answer = await client.get(listItems);
      if (answer.status !== 503) return false;
      expect(answer.body.code).toBe('overloaded');
      expect(
        problemFaults({ method: 'GET', path: '', headers: {}, payload: undefined, allow5xx: true }, answer),
      ).toEqual([]);
      return true;
    }, 15_000);
    expect((await client.get('/health/live')).status).toBe(200);
    const { text } = await client.get('/metrics');
    expect(Number(/^event_loop_delay_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThan(0.25);
    expect(longest(text)).toBeGreaterThan(0.25);
    expect(text).toMatch(/^requests_shed_total\{reason="event_loop"\} [1-9]/m);

    process.kill(product.pid, 'SIGUSR2');
    await eventually(async () => (await client.get(listItems)).status === 401);
    await eventually(async () => longest((await client.get('/metrics')).text) < 0.25);
    expect(product.lines().filter(({ event }) => event === 'shedding')).toHaveLength(1);
  });
});
