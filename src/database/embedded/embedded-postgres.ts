import { join } from 'node:path';
import { locateBinaries } from './binaries.js';
import { openCluster, role } from './cluster.js';
import { openDataDir } from './data-dir.js';
import { joinServer } from './join-server.js';
import { Launcher } from './launcher.js';
import { Server } from './server.js';

export interface EmbeddedPostgresOptions {
  /** Folder that keeps the data, the password and postgres.log; made when missing. */
  readonly dataDir: string;
  /** Hears what happens, a line at a time. */
  readonly log?: (line: string) => void;
  /** Trades safety against power loss for speed. For tests. */
  readonly unsafeFast?: boolean;
}

/** A real PostgreSQL server for development and tests. */
export interface EmbeddedPostgres {
  /** Signs in as the owner of the database, who may create further ones. Holds the password: not for the log. */
  readonly url: string;
  /** Stops the server unless another process uses it; resolves when it has ended. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a folder, or joins the one that runs there: that of another process of ours, or one
 * whose process was killed. The last process that leaves stops it.
 * @throws Error that says what failed and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => undefined, unsafeFast = false } = options;
  const binaries = await locateBinaries();
  const dataDir = await openDataDir(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  const launcher = await Launcher.create(dataDir, clusterDir, binaries.postgres);
  const password = await openCluster({ dataDir, clusterDir, binaries, launcher, unsafeFast, log });
  const server = new Server(clusterDir, join(dataDir, 'postgres.log'), binaries, launcher, unsafeFast);

  const urlOf = (port: number, database: string): string =>
    `postgresql://${role}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
  const { port, claim } = await joinServer(server, clusterDir, (port) => urlOf(port, 'postgres'), log);

  const leave = async (): Promise<void> => {
    const stopped = await claim.release(() => server.stop());
    log(stopped ? 'PostgreSQL stopped' : 'PostgreSQL goes on for another process');
  };
  let leaving: Promise<void> | undefined;
  return { url: urlOf(port, role), stop: () => (leaving ??= leave()) };
}
