import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, mkdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMilliseconds, residentMebibytes } from './proc.mjs';

const startDeadlineMs = 60_000;
const stopDeadlineMs = 15_000;

/**
 * @typedef {object} ProgramSpec
 * @property {string} name
 * @property {string[]} command arguments of Node
 * @property {NodeJS.ProcessEnv} env added to the bench's own
 */

/** A program under measurement: a child process that answers on a port of its own. */
export class Program {
  /**
   * Starts a program and waits for its first 200 on /health.
   * @param {ProgramSpec} spec
   * @param {string} logDir where its output goes
   */
  static async start(spec, logDir) {
    const port = await freePort();
    mkdirSync(logDir, { recursive: true });
    const logFile = join(logDir, `${spec.name.replaceAll(/\W+/g, '-')}.log`);
    // A file, as in production: the cost of writing the log is part of the figure.
    const log = openSync(logFile, 'w');
    const startedAt = performance.now();
    const child = spawn(process.execPath, spec.command, {
      env: { ...process.env, ...spec.env, HOST: '127.0.0.1', PORT: String(port) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const program = new Program(spec.name, `http://127.0.0.1:${port}`, child, logFile);
    await program.#untilHealthy();
    return { program, startMs: performance.now() - startedAt };
  }

  /**
   * @param {string} name
   * @param {string} url origin
   * @param {import('node:child_process').ChildProcess} child
   * @param {string} logFile
   */
  constructor(name, url, child, logFile) {
    this.name = name;
    this.url = url;
    this.logFile = logFile;
    this.child = child;
  }

  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.name} did not start.`);
    return this.child.pid;
  }

  cpuMilliseconds() {
    return cpuMilliseconds(this.pid);
  }

  residentMebibytes() {
    return residentMebibytes(this.pid);
  }

  /** Asks the program to end and waits until it has; ends it the hard way after a while. */
  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), stopDeadlineMs);
    await exited;
    clearTimeout(killer);
  }

  /** Whether it still runs, and the end of its log. */
  lastWords() {
    const { exitCode, signalCode } = this.child;
    const state = (exitCode ?? signalCode) === null ? 'It is running' : `It ended with ${exitCode ?? signalCode}`;
    return `${state}; its last words:\n${readFileSync(this.logFile, 'utf8').slice(-2000)}`;
  }

  async #untilHealthy() {
    const deadline = performance.now() + startDeadlineMs;
    while ((await statusOf(`${this.url}/health`)) !== 200) {
      if (this.child.exitCode !== null || this.child.signalCode !== null || performance.now() > deadline) {
        await this.stop();
        throw new Error(`${this.name} does not start.\n${this.lastWords()}`);
      }
      await delay(5);
    }
  }
}

/**
 * @param {string} url
 * @returns {Promise<number | undefined>} undefined while nobody listens
 */
function statusOf(url) {
  return new Promise((resolve) => {
    get(url, { agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', () => resolve(undefined));
  });
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
