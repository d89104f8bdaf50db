import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { migrate, migrationStatus, revertMigration } from '../src/database/migrator.js';
import { startTestApp } from './support/app.js';
import { createEmptyDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { killProducts, runCommand, startCommand } from './support/server-process.js';

const rounds = 20;

let database: TestDatabase;
let client: Client;

beforeEach(async () => {
  database = await createEmptyDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await killProducts();
  await client.end();
  await database.drop();
});

async function column<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  const { rows } = await client.query<{ value: T }>(sql, values);
  return rows.map((row) => row.value);
}

const tables = () =>
  column<string>(`SELECT table_name AS value FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`);
const applied = () => column<string>('SELECT name AS value FROM migrations ORDER BY id');

describe('the migrations', () => {
  it('go up, all the way down and up again on an empty database', async () => {
    const names = await migrate(database.url);
    expect(names.length).toBeGreaterThan(0);
    const whole = await tables();
    expect(whole).toEqual(expect.arrayContaining(['items', 'users']));

    for (const name of names.toReversed()) expect(await revertMigration(database.url)).toBe(name);
    expect((await tables()).filter((table) => table !== 'migrations')).toEqual([]);
    expect(await revertMigration(database.url)).toBeUndefined();

    expect(await migrate(database.url)).toEqual(names);
    expect(await tables()).toEqual(whole);
  });

  it('do nothing the second time', async () => {
    await migrate(database.url);
    expect(await migrate(database.url)).toEqual([]);
  });

  it('leave nothing that the entities would change', async () => {
    const app = await startTestApp();
    try {
      const { upQueries } = await app.nest.get(DataSource).driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await app.close();
    }
  });

  it('tell which one failed, and keep what is there', async () => {
    await client.query('CREATE TABLE items (id integer)');
    await expect(migrate(database.url)).rejects.toThrow(
      /^The migration \w+ failed and was rolled back: .*"items" already exists$/,
    );
    expect(await tables()).toEqual(['items', 'migrations']);
  });
});

describe('migrate', () => {
  const settings = () => ({ NODE_ENV: 'production', DATABASE_URL: database.url });

  it('needs no setting but DATABASE_URL in production, and tells what it did', async () => {
    const pending = await runCommand('migrate', ['status'], settings());
    expect(pending).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(pending {2}\w+\n)+$/), stderr: '' });

    const up = await runCommand('migrate', ['up'], settings());
    expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(Migrated \w+\n)+$/), stderr: '' });
    const status = await runCommand('migrate', ['status'], settings());
    expect(status.stdout).toMatch(/^(applied {2}\w+\n)+$/);
    expect((await runCommand('migrate', ['up'], settings())).stdout).toBe('Nothing to migrate\n');

    const newest = (await migrationStatus(database.url)).at(-1)?.name;
    expect(await runCommand('migrate', ['revert'], settings())).toMatchObject({
      code: 0,
      stdout: `Reverted ${newest}\n`,
    });
    expect((await migrationStatus(database.url)).at(-1)).toEqual({ name: newest, isApplied: false });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['down']],
    ['two commands', ['up', 'status']],
    ['an unknown option', ['up', '--force']],
  ])('refuses %s with its usage and exit code 2', async (_what, args) => {
    const { code, stdout, stderr } = await runCommand('migrate', args, settings());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: migrate up | status | revert');
    expect(await tables()).toEqual([]);
  });

  it('names the database that is away and the reason, never the password', async () => {
    const url = `postgresql://app:not-for-the-log@127.0.0.1:${await freePort()}/shop`;
    const { code, stderr } = await runCommand('migrate', ['up'], { ...settings(), DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database at 127\.0\.0\.1:\d+\/shop can't be reached: connect ECONNREFUSED .*\n$/);
    expect(stderr).not.toContain('not-for-the-log');
  });

  it('lists what is wrong with the settings', async () => {
    const { code, stderr } = await runCommand('migrate', ['up'], { NODE_ENV: 'production', PORT: 'x' });
    expect(code).toBe(1);
    expect(stderr).toContain('DATABASE_URL is required in production');
    expect(stderr).toContain('PORT must be');
    expect(stderr).not.toContain('SECRET_KEY');
  });
});

describe('migrate, several at once', () => {
  const up = () => startCommand('migrate', ['up'], { NODE_ENV: 'production', DATABASE_URL: database.url });

  it(`R15: three that start together on an empty database all succeed, and each migration runs once, ${rounds} times`, async () => {
    const names = (await migrationStatus(database.url)).map(({ name }) => name);
    for (let round = 0; round < rounds; round++) {
      await client.query('DROP SCHEMA public CASCADE');
      await client.query('CREATE SCHEMA public');
      const runs = await Promise.all([up(), up(), up()].map(({ finished }) => finished));
      expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
      expect(await applied()).toEqual(names);
      const migrated = runs.flatMap(({ stdout }) => stdout.match(/Migrated \w+/g) ?? []);
      expect(migrated).toEqual(names.map((name) => `Migrated ${name}`));
    }
  }, 120_000);

  it('R15: kill -9 of the one that holds the lock lets the others go on', async () => {
    // The owner of the lock gets no further than this transaction lets it.
    await client.query('BEGIN');
    await client.query('CREATE TABLE users (id integer)');
    const owner = up();
    await eventually(async () => (await locks(true)) === 1, 20_000);
    const others = [up(), up()];
    await eventually(async () => (await locks(false)) === 2, 20_000);
    owner.child.kill('SIGKILL');
    await client.query('ROLLBACK');

    const runs = await Promise.all(others.map(({ finished }) => finished));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }));
    expect(runs.filter(({ stdout }) => stdout.includes('Another migration run is under way'))).toHaveLength(2);
    expect(await applied()).toEqual((await migrationStatus(database.url)).map(({ name }) => name));
  }, 60_000);

  async function locks(granted: boolean): Promise<number> {
    const other = new Client({ connectionString: database.url });
    await other.connect();
    try {
      const { rowCount } = await other.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted = $1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [granted],
      );
      return rowCount ?? 0;
    } finally {
      await other.end();
    }
  }
});
