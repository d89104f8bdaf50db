import { createServer, type AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerApi, image, mark } from './containers.js';
import { finish, mustRun, run, type Finished } from './run.js';

export interface Session {
  readonly ca: string;
  readonly token: string;
}

/** docker-compose.yml, brought up from a clean copy of the repository's tracked files on a free port of the loopback. */
export class Stack {
  readonly folder = mustRun('mktemp', ['-d']).trim();
  private readonly docker = new DockerApi();
  private httpsPort = 0;
  private env: Record<string, string> = {};

  /** Copies what a checkout would hold. Only Grafana, of which no image can be had without a registry, is left out. */
  async prepare(): Promise<void> {
    mustRun('sh', ['-c', `git ls-files -z docker-compose.yml deploy | xargs -0 cp --parents -t ${this.folder}`]);
    const file = join(this.folder, 'docker-compose.yml');
    // Published on all addresses by default.
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replaceAll("'${HTTP", "'127.0.0.1:${HTTP")
        .replace(/\n {2}grafana:\n[^]*(?=\nnetworks:)/, ''),
    );
    // `docker compose` by docker-compose, everything else by Podman.
    mkdirSync(join(this.folder, 'bin'));
    const docker = '#!/bin/sh\nif [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec podman "$@"\n';
    writeFileSync(join(this.folder, 'bin/docker'), docker, { mode: 0o755 });
    this.httpsPort = await freePort();
    this.env = {
      PATH: `${this.folder}/bin:${process.env.PATH}`,
      DOCKER_HOST: this.docker.host,
      COMPOSE_PROJECT_NAME: mark,
      MAINSTAY_IMAGE: image,
      HTTP_PORT: String(await freePort()),
      HTTPS_PORT: String(this.httpsPort),
      RATE_LIMIT_ANONYMOUS: 'off',
      RATE_LIMIT_AUTHENTICATED: 'off',
      // A machine that is short of CPU answers late; that is not what these tests are about.
      DATABASE_CONNECT_TIMEOUT: '10',
    };
  }

  /** Runs a command in the copy, with the stack's settings. */
  try(command: string, env: Record<string, string> = {}): Finished {
    return run('sh', ['-c', `cd ${this.folder} && ${command}`], { ...this.env, ...env });
  }

  /** @throws Error with all that it said when it fails */
  run(command: string, env: Record<string, string> = {}): string {
    const { status, stdout, output } = this.try(command, env);
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${output}`);
    return stdout;
  }

  /** The same, while the test goes on. */
  finish(command: string): Promise<void> {
    return finish('sh', ['-c', `cd ${this.folder} && ${command}`], this.env);
  }

  get url(): string {
    return `https://localhost:${this.httpsPort}`;
  }

  get httpUrl(): string {
    return `http://localhost:${this.env.HTTP_PORT}`;
  }

  get ca(): string {
    return readFileSync(join(this.folder, 'deploy/compose/tls/tls.crt'), 'utf8');
  }

  containers(service: string): string[] {
    return this.run(`docker compose ps -q ${service}`).split('\n').filter(Boolean);
  }

  /** curl from outside, through nginx. */
  curl(path: string, ...args: string[]): string {
    return mustRun('curl', [
      '-sS',
      '--insecure',
      '--max-time',
      '20',
      ...args,
      path.startsWith('http') ? path : this.url + path,
    ]);
  }

  /** Makes a user and signs in. */
  signIn(username: string): Session {
    const post = (path: string, body: object) =>
      this.curl(`/api/v1/auth/${path}`, '--json', JSON.stringify(body), '--fail-with-body');
    post('register', { username, email: `${username}@example.com`, password: 'Quiet-Harbour-47' });
    const { accessToken } = JSON.parse(post('login', { username, password: 'Quiet-Harbour-47' })) as {
      accessToken: string;
    };
    return { ca: this.ca, token: accessToken };
  }

  /** What Prometheus answers to a query. */
  query(expr: string): string {
    return mustRun('podman', [
      'exec',
      this.containers('prometheus')[0] ?? '',
      'promtool',
      'query',
      'instant',
      'http://127.0.0.1:9090',
      expr,
    ]);
  }

  async remove(): Promise<void> {
    this.try('docker compose --profile tools down --volumes --timeout 5');
    await this.docker.stop();
    run('rm', ['-rf', this.folder]);
  }
}

/** A port of the loopback that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
