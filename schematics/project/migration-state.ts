import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { DefinitionError } from '../definition/definition.ts';
import { namesOf } from '../definition/names.ts';
import type { Manifest } from './manifest.ts';

/**
 * Whether the module's migration has run: in the database of DATABASE_URL, else in the embedded one of this project.
 * @throws DefinitionError when that can't be found out
 */
export async function isMigrated(root: string, { definition, timestamp }: Manifest, files: string): Promise<boolean> {
  const name = `Create${namesOf(definition.name).Classes}${timestamp}`;
  try {
    const url = process.env.DATABASE_URL;
    if (url) return await isAppliedIn(url, name);
    if (!existsSync(join(root, '.data/postgres'))) return false;
    const status = execFileSync('npm', ['run', '--silent', 'migrate:status'], { cwd: root, encoding: 'utf8' });
    return status.split('\n').some((line) => line.startsWith('applied') && line.includes(name));
  } catch (error) {
    const why = (error as Error).message.split('\n')[0] ?? '';
    throw new DefinitionError(
      `${files}: no database tells whether it is migrated (${why}); say --migrated or --not-migrated`,
    );
  }
}

async function isAppliedIn(url: string, name: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string | null }>(`SELECT to_regclass('migrations') AS name`);
    if (rows[0]?.name == null) return false;
    const { rowCount } = await client.query('SELECT FROM migrations WHERE name = $1', [name]);
    return rowCount === 1;
  } finally {
    await client.end();
  }
}
