import { DataSource } from 'typeorm';
import { RequestContext, runInContext } from '../src/common/context/request-context.js';
import type { BoundedPool } from '../src/database/bounded-pool.js';
import { poolOf } from '../src/database/data-source.js';
import { startTestApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';

let app: TestApp;
let pool: BoundedPool;

beforeAll(async () => {
  app = await startTestApp({ DATABASE_POOL_MAX: '2' });
  pool = poolOf(app.nest.get(DataSource));
});
afterAll(() => app.close());

/** A statement of its own for each test: what is known of its pace stays with it. */
const statement = (text: string) => ({ text, isRead: true });
const echo = () => statement('SELECT $1::int');

describe('reads that share a connection', () => {
  it('each get their own answer, more of them than go on one connection', async () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const one = echo();
    const answers = await Promise.all(numbers.map((number) => pool.read(one, [number])));
    expect(answers).toEqual(numbers.map((number) => [[number]]));
  });

  it('fail alone', async () => {
    const [before, bad, after] = await Promise.allSettled([
      pool.read(echo(), [1]),
      pool.read(statement('SELECT 1 / $1::int'), [0]),
      pool.read(echo(), [2]),
    ]);
    expect(before).toMatchObject({ status: 'fulfilled', value: [[1]] });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(after).toMatchObject({ status: 'fulfilled', value: [[2]] });
  });

  it('keep nobody waiting a second time when they are slow', async () => {
    const slow = statement('SELECT pg_sleep($1::float)');
    await pool.read(slow, [0.2]);
    const ended: string[] = [];
    await Promise.all([
      pool.read(slow, [1]).then(() => ended.push('slow')),
      pool.read(echo(), [1]).then(() => ended.push('quick')),
    ]);
    expect(ended).toEqual(['quick', 'slow']);
  });

  it('are cancelled for the request that nobody waits for, and for no other', async () => {
    const abandoned = new RequestContext('abandoned', '', '');
    const slow = runInContext(abandoned, () => pool.read(statement('SELECT pg_sleep(20)'), []));
    const quick = runInContext(new RequestContext('waiting', '', ''), () => pool.read(echo(), [7]));
    const slowEnd = slow.catch((error: unknown) => error);
    abandoned.isAbandoned = true;
    pool.cancelWorkOf(abandoned);
    expect(await slowEnd).toMatchObject({ code: '57014' });
    expect(await quick).toEqual([[7]]);
  });

  it('are tried anew when their connection turns out to be dead', async () => {
    const held = pool.read(statement('SELECT pg_sleep(1)'), []);
    const behind = pool.read(echo(), [3]);
    await eventually(async () => {
      const ended = await app.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(1)%' AND pid <> pg_backend_pid()`);
      return ended.length === 1;
    });
    await expect(held).resolves.toHaveLength(1);
    expect(await behind).toEqual([[3]]);
  });
});
