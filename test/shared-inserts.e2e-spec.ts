import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { RequestContext, runInContext } from '../src/common/context/request-context.js';
import type { BoundedPool } from '../src/database/bounded-pool.js';
import { poolOf } from '../src/database/data-source.js';
import { startTestApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';

let app: TestApp;
let pool: BoundedPool;

beforeAll(async () => {
  app = await startTestApp({
    ...{ DATABASE_POOL_MAX: '3', REQUEST_TIMEOUT: '100', FAST_PATHS_OFF: '' },
    ...{ DATABASE_STATEMENT_TIMEOUT: '60', DATABASE_LOCK_TIMEOUT: '60' },
  });
  pool = poolOf(app.nest.get(DataSource));
  await app.sql(
    `CREATE TABLE boxes (number int PRIMARY KEY, parent int REFERENCES boxes DEFERRABLE INITIALLY DEFERRED)`,
  );
});
beforeEach(() => app.sql('TRUNCATE boxes'));
afterAll(() => app.close());

/** Certainly slow. */
const slowMs = 250;

/** A statement of its own for each test: what is known of its pace stays with it. */
const statement = () => ({
  text: 'INSERT INTO boxes (number, parent) VALUES ($1, $2) RETURNING number',
  isRead: false,
  isInsert: true,
});
const stored = async () => (await app.sql('SELECT number FROM boxes ORDER BY 1')).map(({ number }) => Number(number));
const insertAll = (numbers: readonly unknown[], insert = statement()) =>
  Promise.allSettled(numbers.map((number) => pool.insert(insert, [number, null])));
const outcomes = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as { code: string }).code));

describe('inserts that share a transaction', () => {
  it('each get their own answer, more of them than go together', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    expect(outcomes(await insertAll(numbers))).toEqual(numbers.map((number) => [[number]]));
    expect(await stored()).toEqual(numbers);
    const [row] = await app.sql('SELECT count(DISTINCT xmin::text)::int AS transactions FROM boxes');
    expect(row?.transactions).toBe(4);
  });

  it('fail alone, whether the server finds out at once, at the end, or the value can not be sent', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.itself = cyclic;
    const results = await Promise.allSettled([
      pool.insert(statement(), [1, null]),
      pool.insert(statement(), ['one', null]),
      pool.insert(statement(), [2, null]),
      pool.insert(statement(), [cyclic, null]),
      pool.insert(statement(), [3, null]),
      pool.insert(statement(), [4, 99]),
      pool.insert(statement(), [5, null]),
    ]);
    expect(outcomes(results)).toEqual([[[1]], '22P02', [[2]], undefined, [[3]], '23503', [[5]]]);
    expect(await stored()).toEqual([1, 2, 3, 5]);
  });

  it('of the same key: one is made', async () => {
    const results = outcomes(await insertAll([7, 7, 7, 8]));
    expect(results.filter((result) => result === '23505')).toHaveLength(2);
    expect(results[3]).toEqual([[8]]);
    expect(await stored()).toEqual([7, 8]);
  });

  it('fail together, and are not tried anew, when nobody knows whether they were made', async () => {
    await app.sql(
      `CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'`,
    );
    await app.sql(
      'CREATE TRIGGER nap BEFORE INSERT ON boxes FOR EACH ROW WHEN (NEW.number = 12) EXECUTE FUNCTION nap()',
    );
    const all = insertAll([11, 12, 13]);
    await eventually(async () => {
      const ended = await app.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'INSERT INTO boxes%' AND state = 'active'`);
      return ended.length === 1;
    });
    expect(outcomes(await all)).toEqual(['57P01', '57P01', '57P01']);
    expect(await stored()).toEqual([]);
    await app.sql('DROP TRIGGER nap ON boxes');
  });

  it('keep nobody waiting a second time when one waits for a lock', async () => {
    const insert = statement();
    const lock = new Client(app.databaseUrl);
    await lock.connect();
    await lock.query('BEGIN');
    await lock.query('INSERT INTO boxes VALUES (20)');
    const first = insertAll([20, 21], insert);
    await eventually(async () => {
      const waiting = await app.sql(`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'INSERT INTO boxes%' AND wait_event_type = 'Lock'`);
      return waiting.length === 1;
    });
    await sleep(slowMs);
    await lock.query('ROLLBACK');
    expect(outcomes(await first)).toEqual([[[20]], [[21]]]);

    await lock.query('BEGIN');
    await lock.query('INSERT INTO boxes VALUES (22)');
    const behind = pool.insert(insert, [22, null]);
    await expect(pool.insert(insert, [23, null])).resolves.toEqual([[23]]);
    await lock.query('ROLLBACK');
    await lock.end();
    await expect(behind).resolves.toEqual([[22]]);
  });

  it('tell the requests that they must be finished now', async () => {
    const contexts = ['a', 'b'].map((id) => new RequestContext(id, '', ''));
    const insert = statement();
    await Promise.all(
      contexts.map((context, index) => runInContext(context, () => pool.insert(insert, [30 + index, null]))),
    );
    expect(contexts.map(({ mustFinish }) => mustFinish)).toEqual([true, true]);
  });
});
