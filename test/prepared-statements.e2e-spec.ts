import { DataSource } from 'typeorm';
import type { BoundedPool } from '../src/database/bounded-pool.js';
import { poolOf } from '../src/database/data-source.js';
import type { Statement } from '../src/database/statement.js';
import { inTransaction } from '../src/database/transaction.js';
import { execute, type CompiledStatement } from '../src/database/compiled-statement.js';
import { Item } from '../src/modules/items/item.entity.js';
import { startTestApp, type TestApp } from './support/app.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { StatementRecorder } from './support/statement-recorder.js';

let database: TestDatabase;
let recorder: StatementRecorder;
let app: TestApp;
let dataSource: DataSource;
let pool: BoundedPool;

/** So often a statement is sent before a connection prepares it. */
const usesBefore = 6;

beforeAll(async () => {
  database = await createTestDatabase();
  recorder = await StatementRecorder.start(database.url);
  // One connection, so that each test knows what it has prepared.
  app = await startTestApp({ DATABASE_URL: recorder.url, DATABASE_POOL_MAX: '1', FAST_PATHS_OFF: '' });
  dataSource = app.nest.get(DataSource);
  pool = poolOf(dataSource);
  await app.sql('CREATE TABLE cups (number int PRIMARY KEY, note int)');
});
beforeEach(() => app.sql('TRUNCATE cups'));
afterAll(async () => {
  await app.close();
  await recorder.stop();
  await database.drop();
});

let count = 0;
/** A text of its own for each test. */
const select = (): Statement => ({
  text: `SELECT number, note AS note${++count} FROM cups WHERE number = $1`,
  isRead: true,
});
const insert = (): Statement => ({
  text: `INSERT INTO cups (number, note) VALUES ($1, $2) RETURNING number AS number${++count}`,
  isRead: false,
  isInsert: true,
});

/** Whether what `send` sends is parsed by the server. */
async function parses(send: () => Promise<unknown>): Promise<boolean> {
  recorder.takeParsed();
  await send();
  return recorder.takeParsed().length > 0;
}

async function repeat(work: (round: number) => Promise<unknown>, times = usesBefore): Promise<void> {
  for (let round = 0; round < times; round++) await work(round);
}

describe('statements that are used often', () => {
  it('are parsed once and then sent by their name, with the same answers', async () => {
    await app.sql('INSERT INTO cups VALUES (1, 10), (2, NULL)');
    const read = select();
    const answers: unknown[] = [];
    await repeat(async () => answers.push(await pool.read(read, [1])), 20);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['[[1,10]]']));
    expect(await parses(() => pool.read(read, [2]))).toBe(false);
    expect(await pool.read(read, [2])).toEqual([[2, null]]);
    expect(await pool.read(read, [3])).toEqual([]);
  });

  it('go together by their name, reads on one connection and inserts in one transaction', async () => {
    const [read, add] = [select(), insert()];
    await repeat(() => pool.read(read, [0]));
    await repeat((round) => pool.insert(add, [round, null]));
    const numbers = Array.from({ length: 10 }, (_, index) => 100 + index);
    const all = <T>(work: (number: number) => Promise<T>) => Promise.all(numbers.map(work));
    expect(await parses(() => all((number) => pool.insert(add, [number, number])))).toBe(false);
    const [row] = await app.sql('SELECT count(DISTINCT xmin::text)::int AS transactions FROM cups WHERE number >= 100');
    expect(row?.transactions).toBe(1);
    expect(await parses(() => all((number) => pool.read(read, [number])))).toBe(false);
    expect(await all((number) => pool.read(read, [number]))).toEqual(numbers.map((number) => [[number, number]]));
  });

  it('fail as they would as text', async () => {
    const add = insert();
    await repeat((round) => pool.insert(add, [round, null]));
    const cyclic: Record<string, unknown> = {};
    cyclic.itself = cyclic;
    const results = await Promise.allSettled(
      [50, 0, 'x', cyclic, 51].map((number) => pool.insert(add, [number, null])),
    );
    const outcome = (result: PromiseSettledResult<unknown>) =>
      result.status === 'fulfilled' ? result.value : (result.reason as { code?: string }).code;
    expect(results.map(outcome)).toEqual([[[50]], '23505', '22P02', undefined, [[51]]]);
    expect(results[3]).toMatchObject({ reason: { message: expect.stringContaining('circular') as string } });
  });

  it('are parsed anew when the connection has lost them, as behind a pooler', async () => {
    const read = select();
    await repeat(() => pool.read(read, [1]), usesBefore + 1);
    await dataSource.query('DEALLOCATE ALL');
    expect(await parses(() => pool.read(read, [1]))).toBe(true);
    expect(await parses(() => pool.read(read, [1]))).toBe(false);
    // A pooler would lose them again and again.
    await repeat(async () => {
      await dataSource.query('DEALLOCATE ALL');
      await pool.read(read, [1]);
    });
    expect(await parses(() => pool.read(read, [1]))).toBe(true);
  });

  it('are read by their new columns when a migration has changed these', async () => {
    await app.sql('CREATE TABLE plates (number int); INSERT INTO plates VALUES (7)');
    const read: Statement = { text: 'SELECT number FROM plates', isRead: true };
    await repeat(() => pool.read(read, []), usesBefore + 1);
    expect(await pool.read(read, [])).toEqual([[7]]);
    await app.sql('ALTER TABLE plates ALTER number TYPE text');
    expect(await Promise.all([pool.read(read, []), pool.read(read, [])])).toEqual([[['7']], [['7']]]);
    await repeat(() => pool.read(read, []), 3);
    expect(await parses(() => pool.read(read, []))).toBe(false);
  });

  it('begin their transaction anew when a migration has changed their columns', async () => {
    await app.sql('CREATE TABLE bowls (number int); INSERT INTO bowls VALUES (8)');
    const read: CompiledStatement = { text: 'SELECT number FROM bowls', isRead: true, columns: [] };
    await repeat(() => pool.read(read, []), usesBefore + 1);
    await app.sql('ALTER TABLE bowls ALTER number TYPE bigint');
    let attempts = 0;
    const rows = await inTransaction(dataSource, (manager) => {
      attempts++;
      return execute(manager.getRepository(Item), read, []);
    });
    expect([rows, attempts]).toEqual([[['8']], 2]);
  });

  it('are no more than a hundred on a connection', async () => {
    await repeat(async () => {
      const read = select();
      await repeat(() => pool.read(read, [1]), usesBefore + 1);
    }, 120);
    const [row] = await dataSource.query<{ count: number }[]>('SELECT count(*)::int FROM pg_prepared_statements');
    expect(row?.count).toBeGreaterThan(80);
    expect(row?.count).toBeLessThanOrEqual(100);
  });
});
