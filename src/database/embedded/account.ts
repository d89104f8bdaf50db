import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A user of the system, by its numbers. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that root runs the server as: the owner of the cluster or of the data folder, so that it stays theirs, else
 * `postgres`, else `nobody`. The system's users are never changed.
 * @throws Error when the system has none of them
 */
export async function findAccount(dataDir: string, clusterDir: string): Promise<Account> {
  const cluster = await stat(clusterDir).catch(() => undefined);
  if (cluster && cluster.uid !== 0) return { name: `with uid ${cluster.uid}`, uid: cluster.uid, gid: cluster.gid };
  const folder = await stat(dataDir);
  // initdb needs a user with a name; the owner of a mounted folder may have none here.
  const owner = folder.uid === 0 ? undefined : await lookUp(String(folder.uid));
  const account = owner ?? (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (account) return account;
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as. ' +
      'Run as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether the permission bits let the account enter a folder or execute a file. */
export function mayEnter(file: { mode: number; uid: number; gid: number }, account: Account): boolean {
  const shift = file.uid === account.uid ? 6 : file.gid === account.gid ? 3 : 0;
  return ((file.mode >> shift) & 1) === 1;
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => execute('id', [flag, name])));
    return { name, uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return undefined;
  }
}
