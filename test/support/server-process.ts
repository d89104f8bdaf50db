import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { inherited } from './inherited.js';
import { eventually } from './eventually.js';

type Settings = Readonly<Record<string, string>>;

/** A line of the log, as it was written. */
export interface LogLine {
  readonly level: string;
  readonly pid?: number;
  readonly event?: string;
  readonly step?: string;
  readonly msg?: string;
  readonly detail?: string;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcessWithoutNullStreams>();

/** Kills what a failed spec left running. */
export async function killProducts(): Promise<void> {
  for (const child of running) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

/** The server as a process of its own, as `node dist/main.js` starts it, on a free port of the loopback. */
export class Product {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly port: number,
    /** The working directory. */
    readonly folder: string,
    private readonly output: { stdout: string; stderr: string },
    /** How it ended. */
    readonly finished: Promise<Finished>,
  ) {}

  /** Does not wait for anything. Nothing but these settings reaches it. */
  static async start(settings: Settings = {}, execArgv: readonly string[] = []): Promise<Product> {
    const port = await freePort();
    const environment = { HOST: '127.0.0.1', PORT: String(port), LOG_PRETTY: 'false', ...settings };
    const { child, cwd, output, finished } = run('main.js', [], environment, execArgv);
    return new Product(child, port, cwd, output, finished);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): LogLine[] {
    const whole = this.output.stdout.slice(0, this.output.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  get stderr(): string {
    return this.output.stderr;
  }

  /** Its workers that run now, the oldest first. */
  workers(): number[] {
    const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args=']).toString().trim().split('\n');
    return listing
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, ppid, stat = '', ...args]) => Number(ppid) === this.pid && args.includes('worker') && !/^Z/.test(stat),
      )
      .map(([pid]) => Number(pid))
      .sort((a, b) => a - b);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for a line of the log. @throws Error with the output when the process ends before, or does not write it in time */
  async logged(isWanted: (line: LogLine) => boolean, timeoutMs = 20_000): Promise<void> {
    await eventually(() => {
      if (this.log.some(isWanted)) return true;
      if (!running.has(this.child)) throw new Error(`It ended:\n${this.output.stdout}\n${this.output.stderr}`);
      return false;
    }, timeoutMs);
  }

  serving(): Promise<void> {
    return this.logged((line) => line.event === 'serving');
  }

  listening(): Promise<void> {
    return this.logged((line) => line.step === 'listening');
  }

  /** The status that a path answers; 0 when nobody answers. */
  async status(path: string): Promise<number> {
    return fetch(this.url + path).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
  }
}

/** Runs one of the commands in src/cli to its end. */
export async function runCommand(
  name: string,
  args: readonly string[],
  settings: Settings = {},
  input = '',
): Promise<Finished> {
  const { child, finished } = startCommand(name, args, settings);
  child.stdin.on('error', () => undefined).end(input);
  return finished;
}

/** Starts one of the commands in src/cli. */
export function startCommand(name: string, args: readonly string[], settings: Settings = {}) {
  return run(`cli/${name}.js`, args, settings, []);
}

function run(file: string, args: readonly string[], settings: Settings, execArgv: readonly string[]) {
  // A folder of its own: no .env of the developer, no .data of a running server.
  const cwd = mkdtempSync(join(tmpdir(), 'mainstay-test-'));
  const child = spawn(process.execPath, [...execArgv, resolve('dist', file), ...args], {
    cwd,
    env: { ...inherited, ...settings },
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.once('exit', () => running.delete(child));
  const finished = once(child, 'close').then(([code]) => {
    rmSync(cwd, { recursive: true, force: true });
    return { code: code as number | null, ...output };
  });
  return { child, cwd, output, finished };
}
