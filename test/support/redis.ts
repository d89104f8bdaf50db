import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';

/** A Redis that a spec may fill; it is empty at first. */
export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A redis-server of the spec's own, which it may also hurt. */
export interface OwnRedis extends TestRedis {
  /** Of the server that runs now; send it signals to make trouble. */
  readonly pid: number;
  /** Starts an empty server on the same port, in place of one that was stopped or killed. */
  restart(): Promise<void>;
}

const givenUrl = process.env.REDIS_URL;
const hasServer = spawnSync('redis-server', ['--version']).status === 0;

/** A suite that needs some Redis: the server of REDIS_URL or the program redis-server. */
export function describeWithRedis(name: string, specs: () => void): void {
  if (hasServer || givenUrl) describe(name, specs);
  else skip(name, 'REDIS_URL or redis-server', specs);
}

/** A suite that needs a Redis server that it can stop and start: the program redis-server. */
export function describeWithOwnRedis(name: string, specs: () => void): void {
  if (hasServer) describe(name, specs);
  else skip(name, 'redis-server', specs);
}

/** The server of REDIS_URL, else one of the spec's own. Of a given server, the worker's own database is emptied. */
export async function openTestRedis(): Promise<TestRedis> {
  if (!givenUrl) return startTestRedis();
  const database = 15 - (Number(process.env.JEST_WORKER_ID ?? '0') % 8);
  const url = Object.assign(new URL(givenUrl), { pathname: `/${database}` }).href;
  const client = new Redis(url);
  await client.flushdb();
  return { url, stop: async () => void (await client.quit()) };
}

/** A redis-server on a free port of the loopback, without persistence. */
export async function startTestRedis(): Promise<OwnRedis> {
  const port = await freePort();
  let server = await startServer(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return server.pid ?? 0;
    },
    stop: () => stopServer(server),
    restart: async () => {
      await stopServer(server);
      server = await startServer(port);
    },
  };
}

function skip(name: string, missing: string, specs: () => void): void {
  // A pipeline that skips these silently would prove nothing.
  if (process.env.CI === 'true') throw new Error(`"${name}" needs ${missing}`);
  const line = '*'.repeat(80);
  process.stderr.write(`${line}\n*** SKIPPED for want of ${missing}: ${name}\n${line}\n`);
  describe.skip(name, specs);
}

async function startServer(port: number): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server ended before it was ready: ${output}`)));
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) resolve();
    });
  });
  return server;
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
