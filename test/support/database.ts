import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

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
    drop: () => execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
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
