import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * Makes the folder when it is missing, and gives its path with links resolved.
 * @throws Error that names the folder when this user can't use it, or its cluster belongs to another
 */
export async function openDataDir(path: string): Promise<string> {
  const dataDir = await openFolder(path).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    throw unusable(resolve(path), error);
  });
  // pg_ctl hands the path on in a shell's double quotes.
  if (process.platform !== 'win32' && /["$`\\\n]/.test(dataDir)) {
    throw new Error(
      `The data folder ${dataDir} can't have quotes, backslashes, dollar signs or line breaks in its path`,
    );
  }
  return dataDir;
}

async function openFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  const dataDir = await realpath(path);
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  const cluster = await stat(join(dataDir, 'postgres')).catch(() => undefined);
  const user = process.geteuid?.() ?? 0;
  if (user !== 0 && cluster && cluster.uid !== user) throw unusable(dataDir);
  return dataDir;
}

function unusable(dataDir: string, cause?: Error): Error {
  return new Error(
    `The data folder ${dataDir} belongs to another user, maybe because the product ran as root before. ` +
      'Run it as that user again, remove the folder, set DATA_DIR to another one, or set DATABASE_URL.',
    { cause },
  );
}
