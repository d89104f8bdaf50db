import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { newRegistration } from './factories/user.factory.js';
import type { Token } from './support/api.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { killProducts, Product } from './support/server-process.js';

let database: TestDatabase;
let locker: Client;

beforeEach(async () => {
  database = await createTestDatabase();
  await openLocker();
});

afterEach(async () => {
  await killProducts();
  await locker.end();
  await database.drop();
});

async function openLocker(): Promise<void> {
  locker = new Client({ connectionString: database.url });
  await locker.connect();
}

async function startServing(settings: Record<string, string> = {}): Promise<Product> {
  const product = await Product.start({
    DATABASE_URL: database.url,
    DATABASE_POOL_MIN: '1',
    DATABASE_LOCK_TIMEOUT: '60',
    ...settings,
  });
  await product.serving();
  return product;
}

/** A connection that says what it likes. */
class Connection {
  received = '';
  /** Milliseconds from the call of `open` until the server closed it. */
  closed: Promise<number>;

  private constructor(private readonly socket: Socket) {
    const openedAt = performance.now();
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString()));
    socket.on('error', () => undefined);
    this.closed = once(socket, 'close').then(() => performance.now() - openedAt);
  }

  static async open(product: Product, text = ''): Promise<Connection> {
    const socket = connect(product.port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new Connection(socket);
    connection.send(text);
    return connection;
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Waits until `count` answers have begun. */
  async answered(count: number): Promise<void> {
    await eventually(() => this.received.split('HTTP/1.1 ').length > count, 10_000);
  }
}

const liveness = 'GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n';

/** A request that is being served and gets its answer when `release` is called. */
async function requestInFlight(product: Product): Promise<{ connection: Connection; release: () => Promise<void> }> {
  const token = await register(product);
  await locker.query('BEGIN');
  await locker.query('LOCK TABLE items');
  const request = `GET /api/v1/items HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const connection = await Connection.open(product, request);
  const observer = new Client({ connectionString: database.url });
  await observer.connect();
  await eventually(async () => {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await observer.query(waiting)).rowCount === 1;
  }, 10_000);
  await observer.end();
  return { connection, release: async () => void (await locker.query('ROLLBACK')) };
}

async function register(product: Product): Promise<string> {
  const registration = newRegistration();
  const post = (path: string) =>
    fetch(`${product.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(path === 'login' ? { ...registration, email: undefined } : registration),
    });
  await post('register');
  return ((await (await post('login')).json()) as Token).accessToken;
}

const draining = (product: Product) => product.logged(({ event }) => event === 'draining');

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('R8: finishes the request in flight, tells its client to close, and exits with code 0', async () => {
    const product = await startServing();
    const { connection, release } = await requestInFlight(product);
    product.signal(signal);
    await draining(product);
    await eventually(async () => (await product.status('/health/live')) === 0);
    await release();
    expect((await product.finished).code).toBe(0);
    expect(connection.received).toMatch(/^HTTP\/1\.1 200 /);
    expect(connection.received).toMatch(/\r\nConnection: close\r\n/);
    expect(connection.received).toContain('"data":[]');
    expect(product.stderr).toBe('');
    expect(product.log.at(-1)?.event).toBe('stopped');
  });
});

describe('while it drains', () => {
  it('R8: is not ready, live, and serves with Connection: close for DRAIN_DELAY, then closes the listener', async () => {
    const product = await startServing({ DRAIN_DELAY: '2' });
    const signalledAt = performance.now();
    product.signal('SIGTERM');
    await draining(product);
    expect(await product.status('/health/ready')).toBe(503);
    const live = await fetch(`${product.url}/health/live`);
    expect(live.status).toBe(200);
    expect(live.headers.get('connection')).toBe('close');
    await eventually(async () => (await product.status('/health/live')) === 0);
    expect(performance.now() - signalledAt).toBeGreaterThan(1990);
    expect((await product.finished).code).toBe(0);
  });

  it('R8: gives an idle connection a second, in which its next request is still served', async () => {
    const product = await startServing();
    const [used, unused] = await Promise.all([Connection.open(product, liveness), Connection.open(product, liveness)]);
    await Promise.all([used.answered(1), unused.answered(1)]);
    const signalledAt = performance.now();
    product.signal('SIGTERM');
    const unusedClosed = unused.closed.then(() => performance.now() - signalledAt);
    await draining(product);
    used.send(liveness);
    await used.answered(2);
    await used.closed;
    expect(used.received.split('HTTP/1.1 ')[2]).toMatch(/^200 .*\r\nConnection: close\r\n/s);
    expect(await unusedClosed).toBeGreaterThan(990);
    expect((await product.finished).code).toBe(0);
  });

  it.each([
    ['in its headers', 'POST /api/v1/auth/login HTTP/1.1\r\nHost: te'],
    [
      'in its body',
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"user',
    ],
  ])('R8: is not held up by a request that stops %s', async (_where, half) => {
    const product = await startServing();
    const connection = await Connection.open(product, half);
    // One that was accepted later has been answered, so the half one is with the server.
    await (await Connection.open(product, liveness)).answered(1);
    product.signal('SIGTERM');
    await draining(product);
    const start = performance.now();
    expect((await product.finished).code).toBe(0);
    await connection.closed;
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('R8: cuts what is not finished after GRACEFUL_TIMEOUT, and exits with code 0', async () => {
    const product = await startServing({ GRACEFUL_TIMEOUT: '1' });
    const { connection } = await requestInFlight(product);
    product.signal('SIGTERM');
    expect((await product.finished).code).toBe(0);
    expect(connection.received).toBe('');
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('R9: %s and then %s ends it within two seconds, with code 0', async (first, second) => {
    const product = await startServing({ DRAIN_DELAY: '30' });
    await requestInFlight(product);
    product.signal(first);
    await draining(product);
    const start = performance.now();
    product.signal(second);
    expect((await product.finished).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('R9: a signal during the start ends it with code 0', () => {
  const expectCleanEnd = async (product: Product) => {
    product.signal('SIGTERM');
    const { code, stderr } = await product.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  it('while the modules are loaded', async () => {
    const announce = `process.on('newListener', (event) => event === 'SIGTERM' && console.error('listens'))`;
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(announce)}`];
    const product = await Product.start({ DATABASE_URL: database.url }, preload);
    await eventually(() => product.stderr.includes('listens'), 10_000);
    product.signal('SIGTERM');
    expect((await product.finished).code).toBe(0);
    expect(product.log.some(({ event }) => event === 'serving')).toBe(false);
  });

  it('while the database is waited for', async () => {
    const product = await Product.start({ DATABASE_URL: `postgresql://nobody@127.0.0.1:${await freePort()}/nothing` });
    await product.listening();
    await expectCleanEnd(product);
  });

  it('while migrations run, which then are undone', async () => {
    await locker.end();
    await database.drop();
    database = await createEmptyDatabase();
    await openLocker();
    await locker.query('BEGIN');
    await locker.query('CREATE TABLE users (id integer)');
    const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '1' });
    await product.logged(({ step }) => step === 'database');
    await expectCleanEnd(product);
    await locker.query('ROLLBACK');

    const next = await startServing();
    expect(await next.status('/health/ready')).toBe(200);
  });
});

describe('the embedded server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is stopped by %s with the process that started it', async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstay-data-'));
    const pidFile = join(folder, 'postgres/postmaster.pid');
    const product = await Product.start({ DATA_DIR: folder });
    await product.serving();
    expect(existsSync(pidFile)).toBe(true);
    product.signal(signal);
    expect((await product.finished).code).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('is stopped when the start fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstay-data-'));
    const other = await startServing();
    const product = await Product.start({ DATA_DIR: folder, PORT: String(other.port) });
    expect((await product.finished).code).toBe(1);
    expect(product.stderr).toContain('EADDRINUSE');
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
    await rm(folder, { recursive: true });
  });
});
