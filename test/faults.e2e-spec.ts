import { Client } from 'pg';
import { newRegistration } from './factories/user.factory.js';
import type { Item, Problem, Token } from './support/api.js';
import { eventually } from './support/eventually.js';
import { OwnPostgres } from './support/own-postgres.js';
import { killProducts, Product } from './support/server-process.js';

let server: OwnPostgres;
let product: Product;
let token: string;

beforeAll(async () => {
  server = await OwnPostgres.create();
});

afterAll(() => server.remove());

beforeEach(async () => {
  await server.start();
  product = await startProduct({});
  token = await signUp();
});

afterEach(async () => {
  await killProducts();
  await server.stop();
});

async function startProduct(settings: Record<string, string>): Promise<Product> {
  const started = await Product.start({
    DATABASE_URL: server.url,
    DATABASE_POOL_MIN: '2',
    DATABASE_CONNECT_TIMEOUT: '1',
    DATABASE_STATEMENT_TIMEOUT: '1',
    RATE_LIMIT_ANONYMOUS: 'off',
    RATE_LIMIT_AUTHENTICATED: 'off',
    RATE_LIMIT_LOGIN: 'off',
    ...settings,
  });
  await started.serving();
  return started;
}

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
  readonly ms: number;
}

async function call<T = Problem>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const start = performance.now();
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text ? JSON.parse(text) : undefined) as T,
    ms: performance.now() - start,
  };
}

const createItem = () => call<Item>('POST', '/api/v1/items', { title: 'Lamp', price: '5' });
const listItems = () => call('GET', '/api/v1/items');

async function signUp(): Promise<string> {
  token = '';
  const registration = newRegistration();
  await call('POST', '/api/v1/auth/register', registration);
  const { username, password } = registration;
  return (await call<Token>('POST', '/api/v1/auth/login', { username, password })).body.accessToken;
}

function expectUnavailable(answer: Answer<Problem>): void {
  expect(answer).toMatchObject({ status: 503, body: { status: 503, code: 'database_unavailable' } });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(JSON.stringify(answer.body)).not.toMatch(/ECONN|select|mainstay|terminat|127\.0\.0\.1/i);
}

/** Waits until it is ready and serves again; it must be the same process. */
async function expectRecovery(): Promise<void> {
  const { pid } = product;
  await eventually(async () => (await product.status('/health/ready')) === 200, 10_000);
  await eventually(async () => (await createItem()).status === 201, 10_000);
  expect(product.pid).toBe(pid);
  expect(product.stderr).toBe('');
}

const isUnready = async () => (await product.status('/health/ready')) === 503;

describe('a database that is killed', () => {
  it('R1: makes answers 503 and never 500, readiness 503 and liveness 200; acknowledged rows outlive it', async () => {
    const statuses = new Map<number, number>();
    const acknowledged: string[] = [];
    let isOver = false;
    const writer = async () => {
      while (!isOver) {
        const { status, body } = await createItem();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 201) acknowledged.push(body.id);
      }
    };
    const writers = Array.from({ length: 4 }, writer);
    await eventually(() => acknowledged.length > 20, 10_000);
    await server.kill();
    await eventually(isUnready);
    expect(await product.status('/health/live')).toBe(200);
    // A probe that sends a token is not held up either.
    expect((await call('GET', '/health/live')).status).toBe(200);
    expectUnavailable(await listItems());

    await server.start();
    await expectRecovery();
    isOver = true;
    await Promise.all(writers);
    expect([...statuses.keys()].sort()).toEqual([201, 503]);
    const kept = await server.sql<{ id: string }>('SELECT id FROM items WHERE id = ANY($1)', [acknowledged]);
    expect(kept).toHaveLength(acknowledged.length);
  }, 60_000);

  it('R1: leaves the process able to end while it is away', async () => {
    await server.kill();
    await eventually(isUnready);
    product.signal('SIGTERM');
    expect((await product.finished).code).toBe(0);
  });
});

describe('a database that hangs', () => {
  it('R2: gets every request a 503 within the budget, and readiness 503; both come back with it', async () => {
    server.pause();
    try {
      const requests = await Promise.all(Array.from({ length: 30 }, () => listItems()));
      for (const answer of requests) expectUnavailable(answer);
      // Connect and statement timeout, and a second.
      expect(Math.max(...requests.map(({ ms }) => ms))).toBeLessThan(3000);
      await eventually(isUnready);
      expect(await product.status('/health/live')).toBe(200);
    } finally {
      server.resume();
    }
    await expectRecovery();
    const after = await Promise.all(Array.from({ length: 30 }, () => listItems()));
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('R8: does not keep the process from ending', async () => {
    server.pause();
    try {
      product.signal('SIGTERM');
      expect((await product.finished).code).toBe(0);
    } finally {
      server.resume();
    }
  });
});

describe('a database that ends sessions', () => {
  it('R5: costs at most the requests in flight, each a 503, and never the process', async () => {
    const statuses: number[] = [];
    let isOver = false;
    const reader = async () => {
      while (!isOver) statuses.push((await listItems()).status);
    };
    const readers = Array.from({ length: 4 }, reader);
    for (let round = 0; round < 5; round++) {
      const before = statuses.length;
      await eventually(() => statuses.length > before + 20, 10_000);
      await server.dropSessions();
    }
    isOver = true;
    await Promise.all(readers);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 503).length).toBeLessThanOrEqual(5 * readers.length);
    await expectRecovery();
  }, 60_000);
});

describe('a database that takes no writes or no sessions', () => {
  it('R22: a read-only one (25006) gets writes a 503, serves reads, and stays ready', async () => {
    await server.sql(`ALTER DATABASE mainstay SET default_transaction_read_only = on`);
    await server.dropSessions();
    expectUnavailable((await createItem()) as unknown as Answer<Problem>);
    expect((await listItems()).status).toBe(200);
    expect(await product.status('/health/ready')).toBe(200);

    await server.sql('BEGIN READ WRITE; ALTER DATABASE mainstay RESET default_transaction_read_only; COMMIT');
    await server.dropSessions();
    await expectRecovery();
  });

  it('R22: a changed password gets new connections a 503 and readiness 503, and nobody is told more', async () => {
    const { password } = new URL(server.url);
    await server.sql(`ALTER ROLE mainstay PASSWORD 'another'`);
    const owner = Object.assign(new URL(server.url), { password: 'another' }).href;
    const client = new Client({ connectionString: owner });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = current_user AND pid <> pg_backend_pid()`);
    await eventually(isUnready);
    expectUnavailable(await listItems());
    expect(await product.status('/health/live')).toBe(200);

    await client.query(`ALTER ROLE mainstay PASSWORD '${password}'`);
    await client.end();
    await expectRecovery();
  });

  it('R22: one whose connections are all taken (53300) gets a 503, and recovers when some are free', async () => {
    await killProducts();
    await server.stop();
    await server.start('max_connections=8', 'superuser_reserved_connections=0', 'reserved_connections=0');
    product = await startProduct({ DATABASE_POOL_MIN: '0' });
    token = await signUp();
    const others: Client[] = [];
    await server.dropSessions();
    for (;;) {
      const other = new Client({ connectionString: server.url });
      other.on('error', () => undefined);
      const isIn = await other.connect().then(
        () => true,
        () => false,
      );
      if (!isIn) break;
      others.push(other);
    }
    expectUnavailable(await listItems());
    await eventually(isUnready);
    await Promise.all(others.map((other) => other.end()));
    await expectRecovery();
  });
});
