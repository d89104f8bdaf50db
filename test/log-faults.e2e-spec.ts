import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from './support/client.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { inherited } from './support/inherited.js';
import { resources } from './support/resources.js';

/** A long name makes long lines: 700 requests write more than the process keeps for a reader. */
const longName = 'x'.repeat(4000);
const enoughRequests = 800;

describe('R12: a log that can not be written', () => {
  const started = resources();
  let databaseUrl: string;
  let child: ChildProcess;
  let client: HttpClient;
  let folder: string;

  beforeAll(async () => {
    databaseUrl = (await started.database()).url;
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-log-'));
  });
  afterEach(() => {
    client.close();
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Its standard output is the spec's business. */
  async function start(stdout: 'pipe' | number, settings: Record<string, string> = {}): Promise<void> {
    const port = String(await freePort());
    const stdio: StdioOptions = ['ignore', stdout, 'pipe'];
    const env = { ...inherited, HOST: '127.0.0.1', PORT: port, LOG_PRETTY: 'false', DATABASE_URL: databaseUrl };
    const limits = { RATE_LIMIT_ANONYMOUS: 'off', DATABASE_POOL_MIN: '1', GRACEFUL_TIMEOUT: '5' };
    child = spawn(process.execPath, [resolve('dist/main.js')], {
      cwd: folder,
      env: { ...env, ...limits, ...settings },
      stdio,
    });
    client = new HttpClient(`http://127.0.0.1:${port}`, undefined);
    await eventually(
      () =>
        client.get('/health/ready').then(
          ({ status }) => status === 200,
          () => false,
        ),
      20_000,
    );
  }

  async function talk(requests: number): Promise<void> {
    const headers = { 'user-agent': longName };
    for (let sent = 0; sent < requests; sent += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.get('/health/live', { headers })));
      for (const { status } of answers) expect(status).toBe(200);
    }
  }

  async function metric(pattern: RegExp): Promise<number> {
    return Number(pattern.exec((await client.get('/metrics')).text)?.[1] ?? Number.NaN);
  }
  const dropped = () => metric(/^log_lines_dropped_total\{destination="stdout"\} (\d+)/m);
  const resident = () => metric(/^memory_usage_bytes (\d+)/m);

  async function end(): Promise<{ code: number | null; ms: number }> {
    const startedAt = performance.now();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return { code, ms: performance.now() - startedAt };
  }

  it('since its reader has gone costs no request and not the process, and is counted', async () => {
    await start('pipe');
    (child.stdout as Readable).destroy();
    await talk(100);
    await eventually(async () => (await dropped()) > 100);
    await talk(20);
    expect(await end()).toMatchObject({ code: 0 });
  });

  it('since its reader has stopped costs no request, no memory and not the end of the process, and is counted', async () => {
    await start('pipe');
    (child.stdout as Readable).pause();
    await talk(enoughRequests);
    await eventually(async () => (await dropped()) > 0);
    const before = await resident();
    await talk(enoughRequests);
    // The lines of this round alone are 6.4 MB.
    expect((await resident()) - before).toBeLessThan(40_000_000);
    const { code, ms } = await end();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(6000);
  });

  it('since its reader is slow goes on when the reader does', async () => {
    await start('pipe');
    const stdout = child.stdout as Readable;
    stdout.pause();
    await talk(200);
    await client.get('/health/live', { headers: { 'x-request-id': 'in-the-pause' } });
    // Longer than lines are gathered: they are due while a write still waits.
    await delay(300);
    let text = '';
    stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stdout.resume();
    await eventually(() => text.includes('"requestId":"in-the-pause"'));
    await client.get('/health/live', { headers: { 'x-request-id': 'after-the-pause' } });
    await eventually(() => text.includes('"requestId":"after-the-pause"'));
    expect(await dropped()).toBe(0);
  });

  (existsSync('/dev/full') ? it : it.skip)('since the disk is full costs no request and not the process', async () => {
    const full = openSync('/dev/full', 'w');
    await start(full);
    closeSync(full);
    await talk(enoughRequests);
    await eventually(async () => (await dropped()) > 0);
    expect(await end()).toMatchObject({ code: 0 });
  });
});
