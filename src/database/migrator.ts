import { Client } from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';
import { createMigrationDataSource, loadMigrations } from './data-source.js';
import { DatabaseUnreachable } from './unreachable.js';

/** The advisory lock that all migration runners share; the digits spell nothing, they only must never change. */
const lockKey = 7_236_041_955;
const lockWait = '5min';

type Log = (line: string) => void;

export interface MigrationStatus {
  readonly name: string;
  readonly isApplied: boolean;
}

/**
 * Runs the pending migrations, each in a transaction of its own. A second runner waits for the first.
 * @returns the names of those that ran
 * @throws DatabaseUnreachable, or Error that names the migration that failed; those before it stay
 */
export async function migrate(url: string, log: Log = () => undefined): Promise<string[]> {
  return underLock(url, log, async (dataSource) => {
    try {
      const ran = await dataSource.runMigrations({ transaction: 'each' });
      return ran.map((migration) => migration.name);
    } catch (error) {
      throw await failureOf(dataSource, error);
    }
  });
}

/** Takes the newest migration back. @returns its name, or undefined when there is none */
export async function revertMigration(url: string, log: Log = () => undefined): Promise<string | undefined> {
  return underLock(url, log, async (dataSource) => {
    const newest = (await statusOf(dataSource)).findLast((migration) => migration.isApplied);
    if (newest) await dataSource.undoLastMigration({ transaction: 'each' });
    return newest?.name;
  });
}

/** Every known migration, oldest first. Takes no lock and changes nothing. */
export async function migrationStatus(url: string): Promise<MigrationStatus[]> {
  return withDataSource(url, statusOf);
}

/** The names of the migrations that a connected database lacks, oldest first. Takes no lock and changes nothing. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const [known, applied] = await Promise.all([loadMigrations(), appliedNames(dataSource)]);
  return known.map((Migration) => nameOf(new Migration())).filter((name) => !applied.has(name));
}

/** Holds the lock on a connection of its own for the whole run; the server frees it when the runner dies. */
async function underLock<T>(url: string, log: Log, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const holder = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: 'mainstay-migrate-lock',
  });
  holder.on('error', (error) => log(`The connection that holds the migration lock broke: ${error.message}`));
  await holder.connect().catch((error: unknown) => {
    throw new DatabaseUnreachable(url, error);
  });
  try {
    const { rows } = await holder.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [lockKey]);
    if (!rows[0]?.locked) {
      log('Another migration run is under way; waiting for it');
      await holder.query(`SET lock_timeout = '${lockWait}'`);
      await holder.query('SELECT pg_advisory_lock($1)', [lockKey]);
    }
    return await withDataSource(url, work);
  } finally {
    await holder.end();
  }
}

async function withDataSource<T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await createMigrationDataSource(url);
  await dataSource.initialize().catch((error: unknown) => {
    throw new DatabaseUnreachable(url, error);
  });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Names the migration that failed; TypeORM's error tells the statement only. */
async function failureOf(dataSource: DataSource, error: unknown): Promise<Error> {
  const pending = await statusOf(dataSource).then(
    (migrations) => migrations.find((migration) => !migration.isApplied),
    () => undefined,
  );
  const subject = pending ? `The migration ${pending.name}` : 'A migration';
  return new Error(`${subject} failed and was rolled back: ${(error as Error).message}`, { cause: error });
}

async function statusOf(dataSource: DataSource): Promise<MigrationStatus[]> {
  const applied = await appliedNames(dataSource);
  return dataSource.migrations.map((migration) => {
    const name = nameOf(migration);
    return { name, isApplied: applied.has(name) };
  });
}

function nameOf(migration: MigrationInterface): string {
  return migration.name ?? migration.constructor.name;
}

async function appliedNames(dataSource: DataSource): Promise<Set<string>> {
  const [table] = await dataSource.query<{ found: string | null }[]>(`SELECT to_regclass('migrations') AS found`);
  if (!table?.found) return new Set();
  const applied = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
  return new Set(applied.map((row) => row.name));
}
