import { Client } from 'pg';
import { newItem } from './factories/item.factory.js';
import { newRegistration } from './factories/user.factory.js';
import type { Item, Token } from './support/api.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { Load } from './support/load.js';
import { Scrape } from './support/scrape.js';
import { killProducts, Product } from './support/server-process.js';

let database: TestDatabase;
let internalUrl: string;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

async function startWorkers(settings: Record<string, string> = {}, execArgv: string[] = []): Promise<Product> {
  const metricsPort = await freePort();
  internalUrl = `http://127.0.0.1:${metricsPort}`;
  return Product.start(
    {
      DATABASE_URL: database.url,
      DATABASE_POOL_MIN: '1',
      WEB_CONCURRENCY: '2',
      METRICS_PORT: String(metricsPort),
      RATE_LIMIT_ANONYMOUS: 'off',
      RATE_LIMIT_AUTHENTICATED: 'off',
      ...settings,
    },
    execArgv,
  );
}

async function serveWithWorkers(settings: Record<string, string> = {}): Promise<Product> {
  const product = await startWorkers(settings);
  await product.serving();
  return product;
}

const up = async () => (await Scrape.of(internalUrl)).sum('workers_up');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function signIn(product: Product): Promise<Record<string, string>> {
  const { username, email, password } = newRegistration();
  const post = (path: string, body: object) =>
    fetch(`${product.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('register', { username, email, password });
  const { accessToken } = (await (await post('login', { username, password })).json()) as Token;
  return { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
}

describe('workers', () => {
  let product: Product;

  beforeAll(async () => {
    product = await serveWithWorkers({ WORKER_TIMEOUT: '2', DATABASE_POOL_MAX: '1000' });
  });

  afterAll(killProducts);

  it('R1.2, R1.10: log one start, serve on one port, and are told of as one', async () => {
    expect(product.workers()).toHaveLength(2);
    // The worker's lines come in batches, later than those of the supervisor.
    await product.listening();
    expect(product.log.filter(({ event }) => event === 'boot').map(({ step }) => step)).toEqual([
      'config',
      'database',
      'migrations',
      'cache',
      'routes',
      'listening',
    ]);
    expect(product.log.filter(({ event }) => event === 'serving').map(({ msg }) => msg)).toEqual([
      `Serving ${product.url}/api/v1, documentation at ${product.url}/docs with 2 workers`,
    ]);
    const live = await fetch(`${internalUrl}/health/live`);
    expect(await live.json()).toEqual({ status: 'ok', workers: { wanted: 2, up: 2 } });
    const detailed = await fetch(`${internalUrl}/health/detailed`);
    expect(await detailed.json()).toMatchObject({ status: 'ok', checks: { database: { status: 'up' } } });
    expect((await fetch(`${internalUrl}/api/v1/items`)).status).toBe(404);
    const metrics = await fetch(`${product.url}/metrics`);
    expect(await metrics.text()).toContain('\nworkers_wanted 2\n');
  });

  it('R7, G9: are replaced within a second when they are killed, with no acknowledged write lost and counters that never fall', async () => {
    const headers = await signIn(product);
    const acknowledged: string[] = [];
    const load = new Load(product.port, {
      keepAlive: 4,
      fresh: 4,
      next: () => ({ method: 'POST', path: '/api/v1/items', headers, body: JSON.stringify(newItem()) }),
      answered: (status, body) => status === 201 && acknowledged.push((JSON.parse(body) as Item).id),
    });
    let before = (await Scrape.of(internalUrl)).counters();
    for (let round = 0; round < 2; round++) {
      const workers = product.workers();
      process.kill(workers[round % 2]!, 'SIGKILL');
      const tookMs = await eventually(() => product.workers().some((pid) => !workers.includes(pid)));
      expect(tookMs).toBeLessThan(1000);
      const after = (await Scrape.of(internalUrl)).counters();
      expect([...before].filter(([series, value]) => (after.get(series) ?? 0) < value)).toEqual([]);
      before = after;
      await eventually(async () => (await up()) === 2, 15_000);
    }
    const { failures, statuses } = await load.stop();
    expect(Object.keys(statuses)).toEqual(['201']);
    // Only what the killed worker had in its hands.
    expect(failures.length).toBeLessThanOrEqual(2 * 8);
    expect(failures.filter((each) => !/ECONNRESET|socket hang up|EPIPE/.test(each))).toEqual([]);

    const reader = new Client({ connectionString: database.url });
    await reader.connect();
    const { rows } = await reader.query<{ id: string }>('SELECT id FROM items');
    await reader.end();
    const kept = new Set(rows.map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect((await Scrape.of(internalUrl)).sum('worker_restarts_total', 'reason="exit"')).toBe(2);
  });

  it('R18: one that hangs is killed after WORKER_TIMEOUT and replaced, while the other serves', async () => {
    const [hung = 0] = product.workers();
    process.kill(hung, 'SIGSTOP');
    const load = new Load(product.port, { keepAlive: 0, fresh: 2, next: () => ({ path: '/health/live' }) });
    const tookMs = await eventually(() => !isAlive(hung), 15_000);
    expect(tookMs).toBeGreaterThan(1000);
    await eventually(async () => (await up()) === 2, 15_000);
    const { failures, answered } = await load.stop();
    expect(failures.filter((each) => !/ECONNRESET|socket hang up/.test(each))).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(2);
    expect(answered).toBeGreaterThan(20);
    expect((await Scrape.of(internalUrl)).sum('worker_restarts_total', 'reason="hung"')).toBe(1);
  });

  it('R23: warn when their pools together are larger than the server, and when each has limits of its own', () => {
    expect(product.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('REDIS_URL is not set'),
      expect.stringMatching(
        /^WEB_CONCURRENCY x DATABASE_POOL_MAX is 2 x 1000 = 2000 connections, .*max_connections.* is \d+$/,
      ),
    ]);
  });

  it('R1.2: share kept connections anew when one worker has most of them, with no request failed', async () => {
    const [first = 0, second = 0] = product.workers();
    process.kill(first, 'SIGSTOP');
    const load = new Load(product.port, {
      keepAlive: 16,
      fresh: 0,
      pauseMs: 100,
      next: () => ({ path: '/health/live' }),
    });
    await eventually(() => load.answered >= 32);
    process.kill(first, 'SIGCONT');
    await eventually(() => {
      const latest = product.log.filter(({ event }) => event === 'request_completed').slice(-64);
      const ofFirst = latest.filter(({ pid }) => pid === first).length;
      return ofFirst > 16 && ofFirst < 48;
    }, 10_000);
    expect((await load.stop()).failures).toEqual([]);
    expect(product.workers()).toEqual([first, second]);
  });

  it('R7: connections wait while no worker is there', async () => {
    for (const pid of product.workers()) process.kill(pid, 'SIGKILL');
    expect(await product.status('/health/live')).toBe(200);
  });
});

describe('workers that can not start', () => {
  afterEach(killProducts);

  it('R7: end the supervisor after five deaths in a row, with a line that says why', async () => {
    const crash = `process.argv[2] === 'worker' && process.exit(3)`;
    const product = await startWorkers({}, ['--import', `data:text/javascript,${encodeURIComponent(crash)}`]);
    const { code, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Giving up: 5 workers in a row ended before they listened, or within a second of it; the last exited with code 3\n',
    );
  });

  it('R14: are live and not ready without a database, and end the supervisor with one line that names it', async () => {
    const url = `postgresql://nobody@127.0.0.1:${await freePort()}/nothing`;
    const product = await startWorkers({ DATABASE_URL: url, DATABASE_BOOT_TIMEOUT: '3' });
    await product.listening();
    expect(await product.status('/health/live')).toBe(200);
    expect(await product.status('/health/ready')).toBe(503);
    const { code, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database at 127\.0\.0\.1:\d+\/nothing can't be reached: .*\n$/);
  });

  it('R1.10: are not started when the port is taken', async () => {
    const other = await serveWithWorkers();
    const product = await startWorkers({ PORT: String(other.port) });
    const { code, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toContain(`EADDRINUSE 127.0.0.1:${other.port}: another process listens there`);
  });
});

describe('the end of a supervisor', () => {
  afterEach(killProducts);

  it('R8: a Ctrl-C, which reaches all processes, drains the workers at once and ends it with code 0', async () => {
    const product = await serveWithWorkers({ DRAIN_DELAY: '2' });
    const workers = product.workers();
    const load = new Load(product.port, { keepAlive: 4, fresh: 4, next: () => ({ path: '/health/live' }) });
    await eventually(() => load.answered > 20);
    for (const pid of [product.pid, ...workers]) process.kill(pid, 'SIGINT');
    // Proxies send nobody any more when they see this.
    await eventually(async () => (await product.status('/health/ready')) === 503);
    expect((await load.stop()).failures).toEqual([]);
    const { code, stderr } = await product.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(product.log.filter(({ event }) => event === 'draining')).toHaveLength(2);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('R9: a second signal ends it within two seconds, with code 0 and without orphans', async () => {
    const product = await serveWithWorkers({ DRAIN_DELAY: '30' });
    const workers = product.workers();
    product.signal('SIGTERM');
    await product.logged(({ event }) => event === 'draining');
    const start = performance.now();
    product.signal('SIGTERM');
    expect((await product.finished).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('R9: a signal while workers start ends it with code 0', async () => {
    const product = await startWorkers();
    await eventually(() => product.workers().length === 2, 10_000);
    const workers = product.workers();
    product.signal('SIGTERM');
    const { code, stderr } = await product.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('R7: its death ends the workers, so that no orphan holds the port', async () => {
    const product = await serveWithWorkers();
    const workers = product.workers();
    product.signal('SIGKILL');
    await eventually(() => !workers.some(isAlive), 5000);
    expect(await product.status('/health/live')).toBe(0);
  });
});
