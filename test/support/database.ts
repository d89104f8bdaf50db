import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type DatabaseError } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Ends all sessions and removes it. */
  drop(): Promise<void>;
}

/** A migrated, empty database for one spec file. Of PostgreSQL 15 or newer: embedded, or the server of DATABASE_URL. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`TEMPLATE ${required('TEST_DATABASE_PREFIX')}template`);
}

/** A database without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template0');
}

async function create(options: string): Promise<TestDatabase> {
  // By chance, as each spec file has this module anew: what one has left behind must not fail those after it.
  const name = `${required('TEST_DATABASE_PREFIX')}${randomBytes(8).toString('hex')}`;
  await execute(`CREATE DATABASE ${name} ${options}`);
  return {
    url: Object.assign(new URL(required('TEST_SERVER_URL')), { pathname: `/${name}` }).href,
    drop: () => drop(name),
  };
}

/** While autovacuum is at work in it, a superuser's session that others may not end, the server refuses: then once more. */
async function drop(name: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    } catch (error) {
      if ((error as DatabaseError).code !== '42501' || performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}

async function execute(sql: string): Promise<void> {
  const client = new Client({ connectionString: required('TEST_SERVER_URL') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the end-to-end specs through \`npm test\``);
  return value;
}
