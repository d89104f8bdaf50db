import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from 'jest';
import { Client } from 'pg';

// Jest runs this file by itself, outside of its module system, so it imports no other TypeScript.

// What is used of the built product.
interface Product {
  migrate(url: string): Promise<unknown>;
  startEmbeddedPostgres(options: { dataDir: string; unsafeFast: boolean }): Promise<RunningServer>;
  isAlive(pid: number): boolean;
}
interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Builds the product, starts a server for the run and migrates the template that each spec file's database is cloned from. */
export default async function setUp(_: Config, { rootDir = '' }: Config): Promise<void> {
  buildWhenStale(rootDir);
  const server = await startServer(rootDir);
  const prefix = `test_${process.pid}_`;
  const template = `${prefix}template`;

  const tearDown = async (): Promise<void> => {
    await dropDatabases(server.url, (name) => name.startsWith(prefix));
    await server.stop();
  };
  // Jest tears nothing down when it is interrupted.
  process.once('SIGINT', () => void tearDown().finally(() => process.exit(130)));
  Object.assign(globalThis, { tearDownDatabases: tearDown });

  try {
    await execute(server.url, `CREATE DATABASE ${template}`);
    const { migrate } = await importBuilt(rootDir, 'database/migrator.js');
    await migrate(Object.assign(new URL(server.url), { pathname: `/${template}` }).href);
  } catch (error) {
    await tearDown();
    throw error;
  }
  // Workers inherit the environment; test/support/database.ts reads these.
  Object.assign(process.env, { TEST_SERVER_URL: server.url, TEST_DATABASE_PREFIX: prefix });
}

async function startServer(rootDir: string): Promise<RunningServer> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, stop: () => Promise.resolve() };
  const { startEmbeddedPostgres } = await importBuilt(rootDir, 'database/embedded/embedded-postgres.js');
  const server = await startEmbeddedPostgres({ dataDir: join(rootDir, '.data/test'), unsafeFast: true });
  // What runs that were killed have left.
  const { isAlive } = await importBuilt(rootDir, 'database/embedded/postmaster.js');
  await dropDatabases(server.url, (name) => !isAlive(Number(/^test_(\d+)_/.exec(name)?.[1] ?? process.pid)));
  return server;
}

function buildWhenStale(rootDir: string): void {
  const inputs = [
    'src',
    'scripts/bundle.mjs',
    'nest-cli.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  const newestInput = Math.max(...inputs.map((input) => newestChange(join(rootDir, input))));
  const built = statSync(join(rootDir, 'dist/bundle/process.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newestInput) return;
  for (const step of [['node_modules/@nestjs/cli/bin/nest.js', 'build'], ['scripts/bundle.mjs']]) {
    execFileSync(process.execPath, step, { cwd: rootDir, stdio: 'inherit' });
  }
}

function newestChange(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return path.endsWith('.spec.ts') ? 0 : entry.mtimeMs;
  // The folder's own time tells of files that were removed.
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

async function dropDatabases(url: string, isWanted: (name: string) => boolean): Promise<void> {
  const found = await execute(url, `SELECT datname AS name FROM pg_database WHERE datname LIKE 'test\\_%'`);
  for (const name of found) if (isWanted(name)) await execute(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}

/** Runs one statement and gives the column `name` of what it answers. */
async function execute(url: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(sql);
    return rows.map((row) => row.name);
  } finally {
    await client.end();
  }
}

async function importBuilt(rootDir: string, file: string): Promise<Product> {
  return (await import(pathToFileURL(join(rootDir, 'dist', file)).href)) as Product;
}
