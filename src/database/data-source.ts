import { readdir } from 'node:fs/promises';
import { Pool } from 'pg';
import { DataSource, getMetadataArgsStorage, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { BoundedClient } from './bounded-client.js';
import { BoundedPool } from './bounded-pool.js';
import { SnakeNamingStrategy } from './snake-naming.strategy.js';
import { StatementLog } from './statement-log.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;
type MigrationClass = new () => MigrationInterface;

const baseOptions = {
  type: 'postgres',
  synchronize: false,
  migrationsTableName: 'migrations',
  installExtensions: false,
  namingStrategy: new SnakeNamingStrategy(),
} satisfies Partial<PostgresOptions>;

/** The pool that requests are served with; every limit is set on each connection by the server's own settings. */
export function createDataSource(config: AppConfig, onPoolError: (error: unknown) => void): DataSource {
  const milliseconds = (seconds: number) => Math.round(seconds * 1000);
  const statementTimeoutMs = milliseconds(config.databaseStatementTimeout);
  return new DataSource({
    ...baseOptions,
    url: config.databaseUrl,
    // Every entity is known once its module is imported, which app.module.ts does.
    entities: getMetadataArgsStorage().tables.map((table) => table.target),
    applicationName: config.appName,
    poolErrorHandler: onPoolError,
    logger: new StatementLog(config.debug),
    driver: { Pool: BoundedPool },
    extra: {
      Client: BoundedClient,
      min: config.databasePoolMin,
      max: config.databasePoolMax,
      idleTimeoutMillis: milliseconds(config.databaseIdleTimeout),
      connectionTimeoutMillis: milliseconds(config.databaseConnectTimeout),
      // A server that hangs can't cancel; then the client gives up half a second later.
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 500,
      requestTimeoutMs: milliseconds(config.requestTimeout),
      lock_timeout: milliseconds(config.databaseLockTimeout),
      idle_in_transaction_session_timeout: statementTimeoutMs,
      // Times in UTC come in one form, which is read sooner.
      options: '-c jit=off -c TimeZone=UTC',
      compilesStatements: config.takes('statements'),
      // Lets a connection send the next statement before it has the answer to the last; see shared-reads.ts.
      pipeline: config.takes('shared-reads'),
      sharesInserts: config.takes('shared-inserts'),
      preparesStatements: config.takes('prepared-statements'),
      keepAlive: true,
      maxLifetimeSeconds: 3600,
    },
  } satisfies PostgresOptions);
}

/** The pool behind a connected data source of requests. */
export function poolOf(dataSource: DataSource): BoundedPool {
  return (dataSource.driver as unknown as { master: BoundedPool }).master;
}

/** One connection that changes the schema: no statement timeout, since an index may take its time, but short locks. */
export async function createMigrationDataSource(url: string): Promise<DataSource> {
  return new DataSource({
    ...baseOptions,
    url,
    // Without it TypeORM would load pg by its name: once more, from beside the bundle.
    driver: { Pool },
    migrations: await loadMigrations(),
    migrationsTransactionMode: 'each',
    applicationName: 'mainstay-migrate',
    logger: new StatementLog(false),
    extra: { max: 1, connectionTimeoutMillis: 5000, lock_timeout: 5000 },
  } satisfies PostgresOptions);
}

/** The migrations of this version, oldest first. */
export async function loadMigrations(): Promise<MigrationClass[]> {
  const folder = new URL('./migrations/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^\d+-[a-z0-9-]+\.(js|ts)$/.test(file)).sort();
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, folder).href)) as Record<string, MigrationClass>),
  );
  return modules.flatMap((module) => Object.values(module));
}
