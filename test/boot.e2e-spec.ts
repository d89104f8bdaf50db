import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { Client, type QueryResult } from 'pg';
import { loadConfig } from '../src/config/load-config.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { OwnPostgres } from './support/own-postgres.js';
import { killProducts, Product, runCommand } from './support/server-process.js';

const production = {
  NODE_ENV: 'production',
  SECRET_KEY: 'Vb1nqkq8mS4tW0zYc7RjU3xLhGfD2aPe',
  OPERATOR_TOKEN: 'q8mS4tW0zYc7RjU3xLhG',
  DATABASE_POOL_MIN: '1',
};

afterEach(killProducts);

/** What probes and clients are told while the database is away. */
async function expectWaiting(product: Product): Promise<void> {
  expect(await product.status('/health/live')).toBe(200);
  expect(await product.status('/health/ready')).toBe(503);
  const api = await fetch(`${product.url}/api/v1/items`);
  expect(api.status).toBe(503);
  expect(Number(api.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await api.json()).toMatchObject({ status: 503, code: 'starting' });
}

describe('a start without its database', () => {
  let server: OwnPostgres;

  beforeAll(async () => {
    server = await OwnPostgres.create();
  });

  afterAll(() => server.remove());

  it('R14: is live and not ready while it waits, and serves once the database is there', async () => {
    const product = await Product.start({ DATABASE_URL: server.url, DATABASE_POOL_MIN: '1' });
    await product.listening();
    await expectWaiting(product);
    await server.start();
    await product.serving();
    await eventually(async () => (await product.status('/health/ready')) === 200);
    expect(await product.status('/api/v1/items')).toBe(401);
  });

  it.each([
    ['nobody listens on its port', () => ({}), /ECONNREFUSED/],
    ['its host has no address', () => ({ hostname: 'no-such-host.invalid' }), /ENOTFOUND|EAI_AGAIN/],
    [
      'the password is wrong',
      () => ({ port: String(server.port), password: 'not-for-the-log' }),
      /authentication failed/,
    ],
    [
      'there is no such database',
      () => ({ port: String(server.port), pathname: '/nothing' }),
      /"nothing" does not exist/,
    ],
  ])('R14: gives up when %s, naming the database and the reason but no password', async (_why, parts, reason) => {
    const url = Object.assign(new URL(server.url), { port: String(await freePort()), ...parts() });
    const product = await Product.start({ DATABASE_URL: url.href, DATABASE_BOOT_TIMEOUT: '2.5' });
    await product.listening();
    await expectWaiting(product);

    const { code, stdout, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The database at .* can't be reached: .*\. Check that it runs and that DATABASE_URL is right\.\n$/,
    );
    expect(stderr).toContain(`at ${url.host}${url.pathname} `);
    expect(stderr).toMatch(reason);
    expect(stdout + stderr).not.toContain(url.password);
  });

  it('R14: waits for a minute unless DATABASE_BOOT_TIMEOUT says otherwise', () => {
    expect(loadConfig({}).databaseBootTimeout).toBe(60);
  });
});

describe('a start', () => {
  let database: TestDatabase;

  afterEach(async () => {
    await killProducts();
    await database.drop();
  });

  it('R1.10: tells its steps in order, then where it serves', async () => {
    database = await createTestDatabase();
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1' });
    await product.serving();
    expect(product.log.filter(({ event }) => event === 'boot').map(({ step }) => step)).toEqual([
      'config',
      'database',
      'migrations',
      'cache',
      'routes',
      'listening',
    ]);
    expect(product.log.at(-1)?.msg).toContain(`${product.url}/api/v1, documentation at ${product.url}/docs`);
  });

  it('R2.3: opens as many connections as are kept, once it serves', async () => {
    database = await createTestDatabase();
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '4' });
    await product.serving();
    const connections = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'Mainstay'`;
    await eventually(async () => (await execute(connections)).rowCount === 4);
  });

  it('leaves what V8 has compiled to the next one', async () => {
    const leftBehind = () => readdirSync('dist/bundle/compiled', { recursive: true, withFileTypes: true });
    rmSync('dist/bundle/compiled', { recursive: true, force: true });
    database = await createTestDatabase();
    const own = { NODE_COMPILE_CACHE: '' };
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1', ...own });
    await product.serving();
    expect(leftBehind().filter((entry) => entry.isFile()).length).toBeGreaterThan(5);
  });

  it('R1.10: ends with code 1 when a migration fails, and names it', async () => {
    database = await createEmptyDatabase();
    await execute('CREATE TABLE users (id integer)');
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1' });
    const { code, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The migration \w+ failed and was rolled back: relation "users" already exists\n$/);
    expect(product.log.filter(({ event }) => event === 'boot').map(({ step }) => step)).toEqual(['config', 'database']);
  });

  it('R1.10: tells what to do about a port that is taken', async () => {
    database = await createTestDatabase();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1', PORT: port });
    const { code, stderr } = await product.finished;
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}: another process listens there; stop it or set PORT\n`,
    );
  });

  it('in production with pending migrations is live, and ready once `migrate` was run', async () => {
    database = await createEmptyDatabase();
    const settings = { ...production, DATABASE_URL: database.url };
    const product = await Product.start(settings);
    await product.serving();
    const warnings = product.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    expect(warnings).toContainEqual(expect.stringMatching(/^Not ready until these migrations are run: \w/));
    expect(await product.status('/health/live')).toBe(200);
    expect(await product.status('/health/ready')).toBe(503);
    expect((await runCommand('migrate', ['up'], settings)).code).toBe(0);
    await eventually(async () => (await product.status('/health/ready')) === 200);
  });

  it('G10: logs statements with DEBUG, never their values', async () => {
    database = await createTestDatabase();
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1', DEBUG: 'true' });
    await product.serving();
    await fetch(`${product.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'canary-of-the-log', password: 'canary' }),
    });
    product.signal('SIGTERM');
    const { stdout } = await product.finished;
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => /"event":"sql".*username_key/.test(line))).not.toEqual([]);
    expect(lines.filter((line) => line.includes('canary') || !line.startsWith('{'))).toEqual([]);
  });

  async function execute(statement: string): Promise<QueryResult> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const result = await client.query(statement);
    await client.end();
    return result;
  }
});
