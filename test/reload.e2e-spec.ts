import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

afterEach(killProducts);

afterAll(() => database.drop());

async function serve(settings: Record<string, string>): Promise<Product> {
  const metricsPort = await freePort();
  internalUrl = `http://127.0.0.1:${metricsPort}`;
  const product = await Product.start({
    DATABASE_URL: database.url,
    DATABASE_POOL_MIN: '0',
    METRICS_PORT: String(metricsPort),
    RATE_LIMIT_ANONYMOUS: 'off',
    LOG_LEVEL: 'info',
    ...settings,
  });
  await product.serving();
  return product;
}

const loadOn = (product: Product) =>
  new Load(product.port, { keepAlive: 6, fresh: 2, next: () => ({ path: '/openapi.json' }) });

const counted = async () => (await Scrape.of(internalUrl)).sum('http_requests_total', 'endpoint="/openapi.json"');

const eventsOf = (product: Product, name: string) => product.log.filter(({ event }) => event === name);

describe('SIGHUP', () => {
  it('R10, G9: replaces the workers one by one, three times, with no request failed or uncounted', async () => {
    const product = await serve({ WEB_CONCURRENCY: '2' });
    const seen = new Set(product.workers());
    const load = loadOn(product);
    for (let round = 1; round <= 3; round++) {
      product.signal('SIGHUP');
      await eventually(() => eventsOf(product, 'reloaded').length === round, 60_000);
      const workers = product.workers();
      expect(workers.filter((pid) => seen.has(pid))).toEqual([]);
      expect(workers).toHaveLength(2);
      for (const pid of workers) seen.add(pid);
    }
    const { failures, statuses, answered } = await load.stop();
    expect(failures).toEqual([]);
    expect(Object.keys(statuses)).toEqual(['200']);
    await eventually(async () => (await counted()) === answered);
    expect((await Scrape.of(internalUrl)).sum('worker_restarts_total', 'reason="reload"')).toBe(6);
  }, 90_000);

  it('R10: leaves the workers in their place when a successor can not start, and says why', async () => {
    const product = await serve({ WEB_CONCURRENCY: '2' });
    const workers = product.workers();
    const load = loadOn(product);
    const dotEnv = join(product.folder, '.env');
    await writeFile(dotEnv, 'MAX_BODY_BYTES=none\n');
    product.signal('SIGHUP');
    await product.logged(({ event }) => event === 'reload_failed');
    expect(product.workers()).toEqual(workers);
    expect(eventsOf(product, 'successor_failed').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('MAX_BODY_BYTES must be a whole number'),
    ]);

    await rm(dotEnv);
    product.signal('SIGHUP');
    await product.logged(({ event }) => event === 'reloaded');
    expect((await load.stop()).failures).toEqual([]);
  }, 60_000);

  it('R1.6: does not end a process without workers', async () => {
    const product = await serve({});
    product.signal('SIGHUP');
    await product.logged(({ event }) => event === 'reloading');
    expect(await product.status('/health/ready')).toBe(200);
  });
});

describe('MAX_REQUESTS', () => {
  it('R11, G9: replaces a worker that has answered so many, never two at a time, with no request failed or uncounted', async () => {
    const product = await serve({ WEB_CONCURRENCY: '2', MAX_REQUESTS: '200', MAX_REQUESTS_JITTER: '50' });
    const load = loadOn(product);
    const fewest: number[] = [];
    await eventually(async () => {
      fewest.push((await Scrape.of(internalUrl)).sum('workers_up'));
      return eventsOf(product, 'worker_replaced').length >= 3;
    }, 60_000);
    const { failures, answered } = await load.stop();
    expect(failures).toEqual([]);
    expect(Math.min(...fewest)).toBe(2);
    await eventually(async () => (await counted()) === answered);
  }, 90_000);

  it('R11: has a supervisor for one worker too', async () => {
    const product = await serve({ WEB_CONCURRENCY: '1', MAX_REQUESTS: '20' });
    const load = loadOn(product);
    await product.logged(({ event }) => event === 'worker_replaced');
    expect((await load.stop()).failures).toEqual([]);
  }, 60_000);
});
