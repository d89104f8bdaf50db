import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { inherited } from './inherited.js';

/** One line of the log, parsed. */
export interface LogLine {
  readonly level: string;
  readonly event?: string;
  readonly requestId?: string;
  readonly msg?: string;
  readonly [name: string]: unknown;
}

/** `node dist/main.js` as a process of its own, in an empty working directory. */
export interface Product {
  readonly url: string;
  readonly pid: number;
  /** The working directory. */
  readonly folder: string;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The log so far. @throws SyntaxError when a line is not JSON */
  lines(): LogLine[];
  /** Ends it with a signal and answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** What is left of a process that has ended. */
export interface EndedProduct {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const defaults = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  SECRET_KEY: 'a-key-of-the-end-to-end-tests-that-nobody-else-uses',
  LOG_PRETTY: 'false',
  DATABASE_POOL_MIN: '0',
  DATABASE_POOL_MAX: '5',
  RATE_LIMIT_ANONYMOUS: 'off',
  RATE_LIMIT_AUTHENTICATED: 'off',
  RATE_LIMIT_LOGIN: 'off',
};

/** Starts the product and waits until it serves, or has come to `stage`. `DATABASE_URL` must be among the settings. */
export async function startProduct(
  settings: Readonly<Record<string, string>>,
  stage: 'serving' | 'listening' = 'serving',
): Promise<Product> {
  const port = settings.PORT ?? String(await freePort());
  const run = launch({ ...defaults, PORT: port, ...settings });
  await eventually(() => {
    if (run.child.exitCode !== null) throw new Error(`The product ended: ${run.stdout()}${run.stderr()}`);
    return run.stdout().includes(stage === 'serving' ? '"event":"serving"' : '"step":"listening"');
  }, 20_000).catch(async (error: unknown) => {
    run.child.kill('SIGKILL');
    await run.ended;
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: run.child.pid ?? 0,
    folder: run.folder,
    get stdout() {
      return run.stdout();
    },
    get stderr() {
      return run.stderr();
    },
    lines: () => parseLines(run.stdout()),
    stop: async (signal = 'SIGTERM') => {
      if (run.child.exitCode === null && run.child.signalCode === null) run.child.kill(signal);
      return run.ended;
    },
  };
}

/** Runs the product until it ends by itself, with no settings but these. */
export async function runProduct(settings: Readonly<Record<string, string>>): Promise<EndedProduct> {
  const run = launch(settings);
  // A product that starts although it should not must not outlive the test.
  const watchdog = setTimeout(() => run.child.kill('SIGKILL'), 20_000);
  const code = await run.ended;
  clearTimeout(watchdog);
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

function launch(environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-'));
  const child = spawn(process.execPath, [resolve('dist/main.js')], {
    cwd: folder,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    rmSync(folder, { recursive: true, force: true });
    return code as number | null;
  });
  return { child, folder, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Whole lines only: the last one may still be on its way. */
function parseLines(text: string): LogLine[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}
