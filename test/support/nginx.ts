import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

/** A suite that needs the program nginx. */
export function describeWithNginx(name: string, specs: () => void): void {
  if (hasNginx) {
    describe(name, specs);
    return;
  }
  // A pipeline that skips these silently would prove nothing.
  if (process.env.CI === 'true') throw new Error(`"${name}" needs nginx`);
  const line = '*'.repeat(80);
  process.stderr.write(`${line}\n*** SKIPPED for want of nginx: ${name}\n${line}\n`);
  describe.skip(name, specs);
}

/**
 * An nginx in front of one or more upstreams, which hands on the address of its client behind what the client itself
 * claims. It asks another upstream when one can't be reached.
 */
export async function startNginx(...upstreams: string[]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, upstreams));
  const server = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore' });
  const ended = once(server, 'close');
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (server.exitCode !== null) throw new Error('nginx ended before it was ready');
    return fetch(`${url}/health/live`).then(
      (answer) => answer.ok,
      () => false,
    );
  });
  return {
    url,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port: number, upstreams: readonly string[]): string {
  const servers = upstreams.map((upstream) => `server ${new URL(upstream).host} max_fails=0;`).join(' ');
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `
daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  ${folders.join('\n  ')}
  upstream product { ${servers} keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://product;
      proxy_connect_timeout 1s;
      proxy_read_timeout 20s;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`;
}
