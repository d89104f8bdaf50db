import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import type { Launcher } from './launcher.js';
import { isAlive } from './postmaster.js';

/** The application's role and its database, which the role owns; it may create more but is no superuser. */
export const role = 'mainstay';

export interface ClusterContext {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  /** Leaves out that everything is forced to disk. */
  readonly unsafeFast: boolean;
  readonly log: (line: string) => void;
}

const passwordFile = 'mainstay-password';
const initialisingPrefix = 'postgres.init-';

// The builtin provider sorts by code point on every platform, whatever its C library.
const initdbArguments = [
  '--username=postgres',
  '--auth=reject',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
  ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'].map((line) => `--set=${line}`),
  ...['timezone=UTC', 'log_timezone=UTC', 'log_checkpoints=off'].map((line) => `--set=${line}`),
];

/**
 * Gives the password of the cluster in `clusterDir`, which is made first when it is missing. It is made in a folder of its
 * own and then renamed, so that a killed first start leaves nothing half done and of two first starts one wins.
 */
export async function openCluster(context: ClusterContext): Promise<string> {
  const { dataDir, clusterDir, launcher, log } = context;
  await removeInterrupted(dataDir);
  if (!(await exists(clusterDir))) {
    log(`PostgreSQL is set up in ${clusterDir}`);
    await createCluster(context);
  }
  await launcher.handOverTree(clusterDir);
  return readFile(join(clusterDir, passwordFile), 'utf8');
}

async function exists(clusterDir: string): Promise<boolean> {
  return stat(join(clusterDir, passwordFile)).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function createCluster({ dataDir, clusterDir, binaries, launcher, unsafeFast }: ClusterContext): Promise<void> {
  const dir = join(dataDir, `${initialisingPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(dir, { mode: 0o700 });
    await launcher.handOver(dir);
    await launcher.run(binaries.initdb, [`--pgdata=${dir}`, ...initdbArguments, ...(unsafeFast ? ['--no-sync'] : [])]);

    const password = randomBytes(24).toString('base64url');
    // Nobody signs in as the superuser: the role and its database are made without a server.
    const sql = `CREATE ROLE ${role} LOGIN CREATEDB PASSWORD '${password}';\nCREATE DATABASE ${role} OWNER ${role};\n`;
    await launcher.run(binaries.postgres, ['--single', '-D', dir, '-c', 'exit_on_error=on', 'postgres'], sql);
    await writeFile(join(dir, 'pg_hba.conf'), `host all ${role} 127.0.0.1/32 scram-sha-256\n`, { flush: true });
    await writeFile(join(dir, passwordFile), password, { mode: 0o600, flush: true });
    await launcher.handOver(join(dir, passwordFile));
    await rename(dir, clusterDir).catch(async (error: unknown) => {
      if (await exists(clusterDir)) return;
      throw new Error(`${clusterDir} holds something else than the embedded PostgreSQL: move it away`, {
        cause: error,
      });
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function removeInterrupted(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = new RegExp(`^${initialisingPrefix}(\\d+)-`).exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    // An initdb that outlived its parent for a moment can be in the way; then a later start removes the folder.
    await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
