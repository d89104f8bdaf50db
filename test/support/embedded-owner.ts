import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isAlive, parsePidFile } from '../../src/database/embedded/postmaster.js';

/** How the process is started: by default by this user, with this Node, from this project. */
export interface OwnerOptions {
  /** Folder that holds the built product in dist/. */
  readonly project?: string;
  readonly execPath?: string;
  readonly uid?: number;
}

/** A process of its own that calls startEmbeddedPostgres, so that it can be killed. */
export class EmbeddedOwner {
  private static readonly running = new Map<ChildProcess, string>();

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Kills what a failed test has left, with the servers, which would outlive the test run. */
  static async killAll(): Promise<void> {
    for (const [child, dataDir] of this.running) {
      await end(child, () => child.kill('SIGKILL'));
      const pidFile = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
      const server = parsePidFile(pidFile);
      if (server && isAlive(server.pid)) process.kill(server.pid, 'SIGKILL');
    }
  }

  /** @throws Error with the message that startEmbeddedPostgres gave */
  static async start(dataDir: string, options: OwnerOptions = {}): Promise<EmbeddedOwner> {
    const child = this.spawn(dataDir, options);
    const [answer] = (await once(child, 'message')) as [{ url?: string; fault?: string }];
    if (!answer.url) throw new Error(answer.fault);
    return new EmbeddedOwner(child, answer.url);
  }

  /** Starts the process without waiting for its server. */
  static spawn(dataDir: string, options: OwnerOptions = {}): ChildProcess {
    const { project = process.cwd(), execPath = process.execPath, uid } = options;
    const module = pathToFileURL(join(project, 'dist/database/embedded/embedded-postgres.js')).href;
    const script = join(project, 'test/support/embedded-process.mjs');
    // Leader of a process group of its own, as a shell makes one of what it starts in a terminal.
    const identity = uid === undefined ? {} : { uid, gid: uid };
    const child = fork(script, [module, dataDir], { execPath, execArgv: [], cwd: '/', detached: true, ...identity });
    this.running.set(child, dataDir);
    child.once('exit', () => this.running.delete(child));
    return child;
  }

  /** Calls stop() and waits until the process has ended. */
  async stop(): Promise<void> {
    await end(this.child, () => this.child.send('stop'));
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await end(this.child, () => this.child.kill('SIGKILL'));
  }

  /** What Ctrl-C does: SIGINT to all processes of the group. Resolves when the process has noticed. */
  async interrupt(): Promise<void> {
    const noticed = once(this.child, 'message');
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
    await noticed;
  }
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  const exited = once(child, 'exit');
  ask();
  await exited;
}
