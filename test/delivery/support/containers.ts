import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun, run } from './run.js';

/** Built by run.sh. */
export const image = 'localhost/mainstay:delivery';
/** Distinguishes what this run makes from anything else on the machine. */
export const mark = `mainstay-delivery-${process.pid}`;

export const secretKey = '3q2Zt8yW5nF1xC7vB4mK9pL6sD0gH2jR';

export const podman = (...args: string[]): string => mustRun('podman', args);

/** Tries again until `attempt` throws no more. @throws its last error after `seconds` */
export async function until<T>(seconds: number, attempt: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    }
  }
}

/** Removes a container that may not be there. */
export function remove(...names: string[]): void {
  run('podman', ['rm', '--force', '--time', '2', '--volumes', ...names]);
}

/** A PostgreSQL on a network of its own; other containers reach it as `postgres`. */
export function startPostgres(network: string): { url: string; stop(): void } {
  podman('network', 'create', network);
  const name = `${network}-postgres`;
  podman(
    ...['run', '--detach', '--name', name, '--network', network, '--network-alias', 'postgres', '--user', '999:999'],
    ...['--env', 'POSTGRES_USER=mainstay', '--env', 'POSTGRES_PASSWORD=k3V9sWq2', '--env', 'POSTGRES_DB=mainstay'],
    ...['--tmpfs', '/var/run/postgresql', '--volume', '/var/lib/postgresql'],
    ...['docker.io/library/postgres:18.6', 'postgres'],
  );
  execFileSync('sh', ['-c', `until podman exec ${name} pg_isready -q -h 127.0.0.1; do sleep 0.2; done`], {
    timeout: 60_000,
  });
  return {
    url: 'postgres://mainstay:k3V9sWq2@postgres:5432/mainstay',
    stop: () => {
      remove(name);
      run('podman', ['network', 'rm', '--force', network]);
    },
  };
}

/** Docker's API on Podman, for docker-compose, and the health checks that Docker would run. */
export class DockerApi {
  private readonly children: ChildProcess[] = [];
  readonly host: string;

  constructor() {
    this.host = `unix://${join(mkdtempSync(join(tmpdir(), 'podman-')), 'docker.sock')}`;
    this.children.push(spawn('podman', ['system', 'service', '--time=0', this.host], { stdio: 'ignore' }));
    const loop = 'while :; do for c in $(podman ps -q); do podman healthcheck run "$c"; done; sleep 1; done';
    this.children.push(spawn('sh', ['-c', loop], { stdio: 'ignore' }));
  }

  async stop(): Promise<void> {
    const ends = this.children.map((child) => once(child, 'close'));
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(ends);
  }
}
