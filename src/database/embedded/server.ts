import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import type { Launcher } from './launcher.js';
import { findPostmaster } from './postmaster.js';

const maxLogBytes = 4 * 1024 * 1024;
const startTimeoutSeconds = 60;
const stopTimeoutMs = 60_000;
const stopPollMs = 20;

// Safe while only processes die: commits reach the operating system. A power cut can ruin the cluster.
const unsafeFastOptions = ['fsync=off', 'full_page_writes=off'];

/** Starts and stops the server of one cluster through pg_ctl, which cuts it off from our terminal and process tree. */
export class Server {
  constructor(
    private readonly clusterDir: string,
    private readonly logFile: string,
    private readonly binaries: Binaries,
    private readonly launcher: Launcher,
    private readonly unsafeFast: boolean,
  ) {}

  /**
   * Starts the server on a free port of 127.0.0.1 and waits until it answers.
   * @throws Error with what the server logged; also when another process started one first
   */
  async start(): Promise<void> {
    const port = await freePort();
    const settings = (this.unsafeFast ? unsafeFastOptions : []).map((setting) => ` -c ${setting}`).join('');
    const log = await this.openLog();
    try {
      const { size: logStart } = await log.stat();
      const code = await this.pgCtl(log, ['start', '-t', String(startTimeoutSeconds), '-o', `-p ${port}${settings}`]);
      if (code === 0) return;
      const words = (await readFile(this.logFile)).subarray(logStart).toString().trim();
      throw new Error(`PostgreSQL did not start: ${words}`);
    } finally {
      await log.close();
    }
  }

  /**
   * Ends all sessions, writes everything to disk and waits until the server has ended.
   * @throws Error when it takes too long
   */
  async stop(): Promise<void> {
    const stopping = await findPostmaster(this.clusterDir);
    if (!stopping) return;
    await this.launcher.run(this.binaries.pgCtl, ['stop', '-m', 'fast', '-D', this.clusterDir, '-s', '-W']);
    // pg_ctl would wait on for a server that another process starts as soon as this one has ended.
    for (const deadline = Date.now() + stopTimeoutMs; Date.now() < deadline; await delay(stopPollMs)) {
      if ((await findPostmaster(this.clusterDir))?.pid !== stopping.pid) return;
    }
    throw new Error(`PostgreSQL (process ${stopping.pid}) did not stop in ${stopTimeoutMs / 1000} seconds`);
  }

  /** The server inherits the log as its output, so it must be a file: a pipe would stay open after pg_ctl's end. */
  private async pgCtl(log: FileHandle, args: readonly string[]): Promise<number | null> {
    const command = this.launcher.command(this.binaries.pgCtl, [...args, '-D', this.clusterDir, '-s', '-w']);
    const child = spawn(command.file, command.args, { ...command.options, stdio: ['ignore', log.fd, log.fd] });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  private async openLog(): Promise<FileHandle> {
    const size = await stat(this.logFile).then(
      (file) => file.size,
      () => 0,
    );
    const log = await open(this.logFile, 'a', 0o600);
    if (size > maxLogBytes) await log.truncate();
    await this.launcher.handOver(this.logFile);
    return log;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
