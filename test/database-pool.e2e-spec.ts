import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { RequestContext, runInContext } from '../src/common/context/request-context.js';
import { Database } from '../src/database/database.service.js';
import { databaseProblem } from '../src/database/sqlstate.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp, type TestSettings } from './support/app.js';
import type { HttpClient } from './support/client.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';

let database: TestDatabase;
let observer: Client;
let locker: Client;
let app: TestApp;
let user: SignedInUser;
let client: HttpClient;

beforeEach(async () => {
  database = await createTestDatabase();
  observer = new Client({ connectionString: database.url });
  locker = new Client({ connectionString: database.url });
  await Promise.all([observer.connect(), locker.connect()]);
});

afterEach(async () => {
  await app.close();
  await Promise.all([observer.end(), locker.end()]);
  await database.drop();
});

async function start(settings: TestSettings): Promise<void> {
  app = await startTestApp({ DATABASE_URL: database.url, ...settings });
  user = await signedInUser(app);
  client = app.client.as(user).with({ allow5xx: true });
}

async function backends(condition = 'true'): Promise<number> {
  const { rowCount } = await observer.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'Mainstay' AND ${condition}`,
  );
  return rowCount ?? 0;
}

/** Runs `work` while nobody else gets at the table. */
async function whileLocked<T>(table: string, work: () => Promise<T>): Promise<T> {
  await locker.query('BEGIN');
  await locker.query(`LOCK TABLE ${table}`);
  try {
    return await work();
  } finally {
    await locker.query('ROLLBACK');
  }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

describe('a connection of the pool', () => {
  it('R4: has every limit set on the server', async () => {
    await start({
      APP_NAME: 'shop',
      DATABASE_STATEMENT_TIMEOUT: '7',
      DATABASE_LOCK_TIMEOUT: '1.5',
    });
    const show = async (name: string) => (await app.sql<Record<string, string>>(`SHOW ${name}`))[0]?.[name];
    expect({
      statement_timeout: await show('statement_timeout'),
      lock_timeout: await show('lock_timeout'),
      idle_in_transaction_session_timeout: await show('idle_in_transaction_session_timeout'),
      application_name: await show('application_name'),
      jit: await show('jit'),
    }).toEqual({
      statement_timeout: '7s',
      lock_timeout: '1500ms',
      idle_in_transaction_session_timeout: '7s',
      application_name: 'shop',
      jit: 'off',
    });
  });

  it('has the defaults of requirement R2.3', async () => {
    await start({ DATABASE_POOL_MIN: '', DATABASE_POOL_MAX: '' });
    expect(await app.sql('SHOW statement_timeout')).toEqual([{ statement_timeout: '1min' }]);
    expect(app.nest.get(DataSource).options).toMatchObject({ extra: { min: 10, max: 20, idleTimeoutMillis: 300_000 } });
  });
});

describe('a statement that takes too long', () => {
  it('R4: is cancelled on the server and answered with 503', async () => {
    await start({ DATABASE_STATEMENT_TIMEOUT: '0.4' });
    await whileLocked('items', async () => {
      const [answer, ms] = await timed(() => client.get('/api/v1/items'));
      expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
      expect(answer.headers['retry-after']).toBe('1');
      expect(ms).toBeGreaterThan(390);
      // The server answers a moment before it calls the session idle.
      await eventually(async () => (await backends(`state = 'active'`)) === 0);
    });
    // The connection is whole, and goes on serving.
    const before = await backends();
    expect((await client.get('/api/v1/items')).status).toBe(200);
    expect(await backends()).toBe(before);
  });

  it('R4: gives up waiting for a lock before that', async () => {
    await start({ DATABASE_LOCK_TIMEOUT: '0.2' });
    await whileLocked('items', async () => {
      const [answer, ms] = await timed(() => client.get('/api/v1/items'));
      expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
      expect(ms).toBeLessThan(5000);
    });
  });

  it('R4: does not hold locks in a transaction that somebody forgot', async () => {
    await start({ DATABASE_STATEMENT_TIMEOUT: '0.3' });
    const runner = app.nest.get(DataSource).createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE items');
    await eventually(async () => (await backends(`state = 'idle in transaction'`)) === 0);
    expect((await client.get('/api/v1/items')).status).toBe(200);
    await runner.release();
  });
});

describe('the pool', () => {
  it('is filled to its minimum, grows to its maximum and goes back', async () => {
    await start({ DATABASE_POOL_MIN: '3', DATABASE_POOL_MAX: '6', DATABASE_IDLE_TIMEOUT: '1' });
    await app.nest.get(Database).fillPool();
    expect(await backends()).toBe(3);
    const queries = await whileLocked('items', async () => {
      const waiting = Array.from({ length: 9 }, () => app.sql('SELECT FROM items').catch(() => undefined));
      await eventually(async () => (await backends(`wait_event_type = 'Lock'`)) === 6);
      return waiting;
    });
    await Promise.all(queries);
    await eventually(async () => (await backends()) === 3);
  });

  it('R3: answers 503 when all connections stay taken, in the budget of a request, and stays ready and live', async () => {
    await start({
      DATABASE_POOL_MAX: '2',
      DATABASE_CONNECT_TIMEOUT: '0.6',
      DATABASE_STATEMENT_TIMEOUT: '1',
    });
    const budgetMs = (0.6 + 1 + 1) * 1000;
    await whileLocked('items', async () => {
      const requests = Array.from({ length: 10 }, () => timed(() => client.get('/api/v1/items')));
      await eventually(async () => (await backends(`wait_event_type = 'Lock'`)) === 2);
      expect((await app.client.get('/health/ready')).status).toBe(200);
      expect((await app.client.get('/health/live')).status).toBe(200);
      for (const [answer, ms] of await Promise.all(requests)) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
        expect(ms).toBeLessThan(budgetMs);
      }
    });
    expect((await client.get('/api/v1/items')).status).toBe(200);
  });

  it.each([
    ['on its own', () => slowly((statement) => app.sql(statement))],
    [
      'in one transaction',
      () => app.nest.get(DataSource).transaction((manager) => slowly((statement) => manager.query(statement))),
    ],
  ])('ends a request of many slow statements, each %s, within its budget', async (_how, work) => {
    await start({ DATABASE_CONNECT_TIMEOUT: '1', DATABASE_STATEMENT_TIMEOUT: '1' });
    const context = new RequestContext('slow', '', '');
    const [thrown, ms] = await timed(() => runInContext(context, () => work().catch((error: unknown) => error)));
    expect(databaseProblem(thrown)?.getStatus()).toBe(503);
    expect(ms).toBeLessThan(3000);
  });
});

/** Five statements, none of which takes too long alone. */
async function slowly(run: (statement: string) => Promise<unknown>): Promise<void> {
  for (let count = 0; count < 5; count++) await run('SELECT pg_sleep(0.8)');
}

describe('a connection that broke', () => {
  let proxy: TcpProxy;

  beforeEach(async () => {
    proxy = await startTcpProxy(Number(new URL(database.url).port || 5432));
    const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href;
    await start({ DATABASE_URL: url, DATABASE_POOL_MAX: '1', DATABASE_STATEMENT_TIMEOUT: '0.5' });
  });

  afterEach(async () => {
    await proxy.stop();
  });

  it('R4: is destroyed after an answer that never came, and not lent again', async () => {
    proxy.silence();
    const [answer, ms] = await timed(() => client.get('/api/v1/items'));
    expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    // Half a second after the server should have cancelled.
    expect(ms).toBeGreaterThan(990);
    expect(ms).toBeLessThan(2500);
    expect((await client.get('/api/v1/items')).status).toBe(200);
  });

  it('R5: costs the request in flight a 503, and the next one nothing', async () => {
    await whileLocked('items', async () => {
      const inFlight = client.get('/api/v1/items');
      await eventually(async () => (await backends(`wait_event_type = 'Lock'`)) === 1);
      await observer.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'Mainstay'`);
      expect(await inFlight).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    });
    expect((await client.get('/api/v1/items')).status).toBe(200);
  });

  it('R5: is replaced when it broke while nobody used it', async () => {
    await observer.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'Mainstay'`);
    await eventually(async () => /^db_pool_total 0$/m.test((await app.client.get('/metrics')).text));
    expect((await client.get('/api/v1/items')).status).toBe(200);
  });
});
