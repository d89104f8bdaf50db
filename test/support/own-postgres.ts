import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { locateBinaries } from '../../src/database/embedded/binaries.js';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { Launcher } from '../../src/database/embedded/launcher.js';
import { freePort } from './free-port.js';

const patienceMs = 20_000;

/** A PostgreSQL server of the spec's own, which it may hurt. It always has the same port, and does not run at first. */
export class OwnPostgres {
  private server?: ChildProcess;

  private constructor(
    private readonly folder: string,
    private readonly launcher: Launcher,
    private readonly program: string,
    readonly port: number,
    /** Signs in as the owner of the database. */
    readonly url: string,
  ) {}

  static async create(): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'mainstay-postgres-'));
    await chmod(folder, 0o755);
    const embedded = await startEmbeddedPostgres({ dataDir: folder, unsafeFast: true });
    await embedded.stop();
    const { postgres } = await locateBinaries();
    const launcher = await Launcher.create(folder, join(folder, 'postgres'), postgres);
    const port = await freePort();
    const url = Object.assign(new URL(embedded.url), { port: String(port) }).href;
    return new OwnPostgres(folder, launcher, postgres, port, url);
  }

  /** @param settings such as max_connections=20 */
  async start(...settings: string[]): Promise<void> {
    const options = ['fsync=off', 'logging_collector=off', ...settings].flatMap((setting) => ['-c', setting]);
    const args = ['-D', join(this.folder, 'postgres'), '-p', String(this.port), ...options];
    const { file, args: all, options: spawnOptions } = this.launcher.command(this.program, args);
    // After a kill the old server's last processes can be in the way for a moment.
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
      this.server = spawn(file, all, { ...spawnOptions, stdio: 'ignore' });
      if (await this.answers()) return;
    }
    throw new Error('The server did not start');
  }

  /** Ends it as a crash does: all its processes at once, without a word to anybody. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGINT');
  }

  /** Lets it hang: connections are taken, nothing is answered. */
  pause(): void {
    for (const pid of this.pids()) process.kill(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.pids()) process.kill(pid, 'SIGCONT');
  }

  /** Runs a statement as the owner. */
  async sql<Row = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, application_name: 'spec' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(statement, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Ends all sessions of the product. */
  async dropSessions(): Promise<void> {
    await this.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = current_user AND pid <> pg_backend_pid()`);
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    while (this.server?.exitCode === null) {
      const isUp = await this.sql('SELECT 1').then(
        () => true,
        () => false,
      );
      if (isUp) return true;
    }
    return false;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    if (signal === 'SIGKILL') for (const pid of this.pids()) killIfThere(pid);
    else server.kill(signal);
    await exited;
  }

  /** The server's processes, the postmaster first. */
  private pids(): number[] {
    const postmaster = this.server?.pid ?? 0;
    const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
    const children = listing
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, ppid]) => ppid === postmaster);
    return [postmaster, ...children.map(([pid = 0]) => pid)];
  }
}

/** A session may end by itself just now. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
