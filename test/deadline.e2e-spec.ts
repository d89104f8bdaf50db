import { request } from 'node:http';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { RequestContext, runInContext } from '../src/common/context/request-context.js';
import { poolOf } from '../src/database/data-source.js';
import { InFlight } from '../src/edge/in-flight.js';
import { inTransaction } from '../src/database/transaction.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp, type TestSettings } from './support/app.js';
import type { HttpClient } from './support/client.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';

let database: TestDatabase;
let locker: Client;
let observer: Client;
let app: TestApp;
let user: SignedInUser;
let client: HttpClient;

beforeAll(async () => {
  database = await createTestDatabase();
  locker = new Client({ connectionString: database.url });
  observer = new Client({ connectionString: database.url });
  await Promise.all([locker.connect(), observer.connect()]);
});

afterAll(async () => {
  await Promise.all([locker.end(), observer.end()]);
  await database.drop();
});

/** One application for all specs of a suite. */
function withApp(settings: TestSettings): void {
  beforeAll(async () => {
    const patient = { DATABASE_LOCK_TIMEOUT: '60', DATABASE_STATEMENT_TIMEOUT: '60', DATABASE_CONNECT_TIMEOUT: '20' };
    app = await startTestApp({ DATABASE_URL: database.url, ...patient, ...settings });
    user = await signedInUser(app);
    client = app.client.as(user).with({ allow5xx: true });
  });
  afterAll(() => app.close());
}

/** What the product's sessions are, as process ids, at work on a statement or not. */
async function sessions(condition: string): Promise<number[]> {
  const { rows } = await observer.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'Mainstay' AND ${condition} ORDER BY pid`,
  );
  return rows.map(({ pid }) => pid);
}

const working = async () => (await sessions(`wait_event_type = 'Lock'`)).length;

/** Counts of requests that were given up, by reason. */
async function cut(reason: string): Promise<number> {
  const { text } = await app.client.get('/metrics');
  return Number(new RegExp(`^requests_cut_total{reason="${reason}"} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/** A request whose client goes away when told. */
function callAndLeave(method: string, path: string, body?: object): () => void {
  const { hostname, port } = new URL(app.url);
  const headers = { authorization: `Bearer ${user.token}`, ...(body && { 'content-type': 'application/json' }) };
  const sent = request({ hostname, port, method, path, headers, agent: false });
  sent.on('error', () => undefined);
  sent.end(body && JSON.stringify(body));
  return () => sent.destroy();
}

describe('REQUEST_TIMEOUT', () => {
  withApp({ REQUEST_TIMEOUT: '1', MAX_CONCURRENCY: '2', DATABASE_POOL_MAX: '2' });

  it('R1.4: a request that takes longer is 503 with Retry-After, and its statement ends on the server', async () => {
    const before = await sessions('true');
    await locker.query('BEGIN; LOCK TABLE items');
    const startedAt = performance.now();
    const answer = await client.get('/api/v1/items');
    expect(answer).toMatchObject({ status: 503, body: { code: 'deadline_exceeded' }, headers: { 'retry-after': '1' } });
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(performance.now() - startedAt).toBeLessThan(2500);
    await eventually(async () => (await working()) === 0);
    expect(await cut('deadline')).toBeGreaterThan(0);
    await locker.query('ROLLBACK');
    // The connection is whole and was kept.
    expect((await client.get('/api/v1/items')).status).toBe(200);
    expect(await sessions('true')).toEqual(expect.arrayContaining(before));
  });

  it('R1.4: frees the slot of the request', async () => {
    await locker.query('BEGIN; LOCK TABLE items');
    const answers = await Promise.all([1, 2, 3].map(() => client.get('/api/v1/items')));
    expect(answers.map(({ body }) => body.code).sort()).toEqual([
      'deadline_exceeded',
      'deadline_exceeded',
      'overloaded',
    ]);
    await locker.query('ROLLBACK');
    expect((await client.get('/api/v1/items')).status).toBe(200);
  });

  it('gives a statement what is left of the time of its request', async () => {
    const startedAt = performance.now();
    const context = new RequestContext('slow', '', '');
    const work = runInContext(context, async () => {
      await app.sql('SELECT pg_sleep(0.8)');
      await app.sql('SELECT pg_sleep(30)');
    });
    // Nobody sweeps this context, so the client itself gives up, half a second after the server should have been told.
    await expect(work).rejects.toThrow('Query read timeout');
    expect(performance.now() - startedAt).toBeLessThan(2500);
  });
});

describe('a client that goes away', () => {
  withApp({ DATABASE_POOL_MAX: '3' });

  it.each([
    ['GET', '/api/v1/items', undefined],
    ['POST', '/api/v1/items', { title: 'Lamp', price: '5' }],
  ])('has its %s cancelled on the server, and the connection kept', async (method, path, body) => {
    const before = await sessions('true');
    await locker.query('BEGIN; LOCK TABLE items');
    const gone = await cut('client_gone');
    const leave = callAndLeave(method, path, body);
    await eventually(async () => (await working()) === 1);
    leave();
    await eventually(async () => (await working()) === 0);
    await eventually(async () => (await cut('client_gone')) > gone);
    await locker.query('ROLLBACK');
    const list = await client.get<{ data: unknown[] }>('/api/v1/items');
    expect(list.body.data).toEqual([]);
    expect(await sessions('true')).toEqual(expect.arrayContaining(before));
  });

  it('leaves no statement that waits for a connection to be run for nobody', async () => {
    await locker.query('BEGIN; LOCK TABLE items');
    // One after the other: reads that come together share a connection.
    const holders: Promise<{ status: number }>[] = [];
    for (const count of [1, 2, 3]) {
      holders.push(client.get('/api/v1/items'));
      await eventually(async () => (await working()) === count);
    }
    const gone = await cut('client_gone');
    const leave = callAndLeave('POST', '/api/v1/items', { title: 'Lamp', price: '5' });
    // Others may wait too: the identities are read again twice a second.
    await eventually(() => app.nest.get(InFlight).size === 4 && poolOf(app.nest.get(DataSource)).waitingCount > 0);
    leave();
    await eventually(async () => (await cut('client_gone')) > gone);
    await locker.query('ROLLBACK');
    for (const holder of holders) expect((await holder).status).toBe(200);
    expect((await client.get<{ data: unknown[] }>('/api/v1/items')).body.data).toEqual([]);
  });

  it('has what it set going finished once something is written', async () => {
    await locker.query('BEGIN; LOCK TABLE audit_events');
    const name = { username: 'leaver', email: 'leaver@example.com' };
    const gone = await cut('client_gone');
    const leave = callAndLeave('POST', '/api/v1/auth/register', { ...name, password: 'Quiet-Harbour-47' });
    await eventually(async () => (await working()) === 1);
    leave();
    await eventually(async () => (await cut('client_gone')) > gone);
    await locker.query('ROLLBACK');
    const written = `SELECT FROM audit_events JOIN users ON users.id = subject_id WHERE username = 'leaver'`;
    await eventually(async () => (await observer.query(written)).rowCount === 1);
  });

  it('never has the statement of another request cancelled', async () => {
    let isOver = false;
    const statuses = new Map<number, number>();
    const honest = Array.from({ length: 3 }, async () => {
      while (!isOver) {
        const { status } = await client.get('/api/v1/items');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    for (let round = 0; round < 25; round++) {
      const leave = callAndLeave('GET', '/api/v1/items?q=lamp&include=total');
      await new Promise((resolve) => setTimeout(resolve, round));
      leave();
    }
    isOver = true;
    await Promise.all(honest);
    expect([...statuses.keys()]).toEqual([200]);
  });
});

describe('a transaction', () => {
  withApp({ DATABASE_POOL_MAX: '2' });

  it('H5: that the server undid for the sake of others is run anew, and both sides of a deadlock come to their end', async () => {
    const dataSource = app.nest.get(DataSource);
    await app.sql('CREATE TABLE marks (id integer PRIMARY KEY, count integer NOT NULL)');
    await app.sql('INSERT INTO marks VALUES (1, 0), (2, 0)');
    let runs = 0;
    let met: () => void;
    const meeting = new Promise<void>((resolve) => (met = resolve));
    let arrived = 0;
    const cross = (first: number, second: number) =>
      inTransaction(dataSource, async (manager) => {
        runs++;
        await manager.query('UPDATE marks SET count = count + 1 WHERE id = $1', [first]);
        if (++arrived === 2) met();
        await meeting;
        await manager.query('UPDATE marks SET count = count + 1 WHERE id = $1', [second]);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    expect(await app.sql('SELECT count FROM marks ORDER BY id')).toEqual([{ count: 2 }, { count: 2 }]);
  });

  it('is given up after a few tries, and tries nothing else again', async () => {
    const dataSource = app.nest.get(DataSource);
    const failing = (code: string) => {
      let runs = 0;
      const work = inTransaction(dataSource, async (manager) => {
        runs++;
        await manager.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$`);
      });
      return work.then(
        () => 0,
        () => runs,
      );
    };
    expect(await failing('40001')).toBe(4);
    expect(await failing('23505')).toBe(1);
  });

  it('that is still open when its connection is given back does not reach the next user', async () => {
    const runner = app.nest.get(DataSource).createQueryRunner();
    await runner.query('BEGIN');
    await runner.query(`INSERT INTO users (id, username, username_key, email, email_key, password_hash)
      SELECT gen_random_uuid(), 'x_' || username, 'x_' || username_key, 'x_' || email, 'x_' || email_key, '!' FROM users`);
    await runner.release();
    const item = await client.post<{ id: string }>('/api/v1/items', { title: 'Lamp', price: '5' });
    expect(item.status).toBe(201);
    // Others see it: it was not part of the forgotten transaction.
    expect((await observer.query('SELECT FROM items WHERE id = $1', [item.body.id])).rowCount).toBe(1);
    expect((await observer.query(`SELECT FROM users WHERE username LIKE 'x\\_%'`)).rowCount).toBe(0);
  });
});
