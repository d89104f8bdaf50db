import { spawnSync } from 'node:child_process';
import { mark, podman, remove, until } from './containers.js';
import { mustRun, root, run } from './run.js';

const name = `${mark}-server`;

/** Runs a command on the server. @throws Error with all that it said when it fails */
export const onServer = (command: string): string => podman('exec', '--workdir', '/root', name, 'sh', '-euc', command);

/** The status with which a command on the server ends. */
export const statusOnServer = (command: string): number | null =>
  run('podman', ['exec', '--workdir', '/root', name, 'sh', '-euc', command]).status;

/** A Debian server with systemd, PostgreSQL, Redis and nginx, into whose root's home a release was copied. */
export class Server {
  private port = '';

  async boot(archive: string): Promise<void> {
    podman(
      ...['run', '--detach', '--name', name, '--systemd=always', '--privileged', '--publish', '127.0.0.1::443'],
      'localhost/debian-server',
    );
    // degraded, where a container lacks what a machine has; but done.
    await until(60, () => {
      const { stdout } = run('podman', ['exec', name, 'systemctl', 'is-system-running']);
      if (!/running|degraded/.test(stdout)) throw new Error(`The server is ${stdout}`);
    });
    await until(60, () => onServer('runuser -u postgres -- pg_isready -q'));
    this.port = podman('port', name, '443').trim().split(':').at(-1) ?? '';
    podman('cp', archive, `${name}:/root/`);
    // The image is root's own.
    onServer(
      `printf '#!/bin/sh\\nif [ "$1" = -u ]; then user=$2; shift 2; exec runuser -u "$user" -- "$@"; fi\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod +x /usr/local/bin/sudo`,
    );
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** The certificate that install.sh made. */
  get ca(): string {
    return onServer('cat /etc/mainstay/tls/tls.crt');
  }

  /** curl from outside, through nginx. */
  curl(path: string, ...args: string[]): string {
    return mustRun('curl', ['--silent', '--show-error', '--insecure', '--max-time', '20', ...args, this.url + path]);
  }

  /** Proves the product through nginx, as a person would. */
  smoke(): string {
    const { status, stdout, stderr } = spawnSync('node', ['deploy/smoke.mjs', this.url], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    });
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout;
  }

  remove(): void {
    remove(name);
  }
}
