import { execFile } from 'node:child_process';
import { readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a server writes to postmaster.pid about itself. */
export interface Postmaster {
  readonly pid: number;
  readonly dataDir: string;
  readonly port: number;
}

/** Reads the text of a postmaster.pid; undefined while it is not written to the end. */
export function parsePidFile(text: string): Postmaster | undefined {
  const [pid, dataDir, , port] = text.split('\n');
  return Number(pid) > 0 && dataDir && Number(port) > 0 ? { pid: Number(pid), dataDir, port: Number(port) } : undefined;
}

/** The server that postmaster.pid names, when such a process is alive and the file was not copied from another folder. */
export async function findPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const postmaster = parsePidFile(await readPidFile(clusterDir));
  if (!postmaster || !isAlive(postmaster.pid)) return undefined;
  if ((await realpath(postmaster.dataDir).catch(() => '')) === clusterDir) return postmaster;
  await setAside(clusterDir, postmaster);
  return undefined;
}

/** Whether the process is a PostgreSQL server of this folder, and not another one that was given the same number since. */
export async function isServerOf(clusterDir: string, pid: number): Promise<boolean> {
  const commandLine = await commandLineOf(pid);
  return commandLine === undefined || namesServerOf(clusterDir, commandLine);
}

/** Whether this is how pg_ctl starts a server of the folder; the arguments are parted by NUL or by spaces. */
export function namesServerOf(clusterDir: string, commandLine: string): boolean {
  const [program = '', ...rest] = ` ${commandLine} `.replaceAll('\0', ' ').split(` -D ${clusterDir} `);
  return rest.length > 0 && /[/\\ ]postgres(\.exe)?"?$/.test(program);
}

/**
 * Puts a postmaster.pid out of PostgreSQL's way, which would not start while the process that it names is alive.
 * The file is moved before it is removed, so that one which another server wrote just now can be put back.
 */
export async function setAside(clusterDir: string, stale: Postmaster): Promise<void> {
  const file = join(clusterDir, 'postmaster.pid');
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = parsePidFile(await readFile(aside, 'utf8'));
  if (moved?.pid === stale.pid && moved.port === stale.port) return rm(aside);
  return rename(aside, file);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readPidFile(clusterDir: string): Promise<string> {
  return readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
}

async function commandLineOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  const listing = await execute('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return listing?.stdout.trim();
}
