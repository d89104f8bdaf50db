import { Stack, type Session } from '../support/compose.js';
import { podman, until } from '../support/containers.js';
import { block } from '../support/docs.js';
import { panelQueries } from '../support/dashboard.js';
import { load, type LoadResult } from '../support/load.js';
import { finish } from '../support/run.js';

const upstreams = (log: string): Map<string, number> => {
  const seen = new Map<string, number>();
  for (const [, address = ''] of log.matchAll(/"uri":"\/api\/v1\/users\/me".*"upstream":"([^"]*)"/g)) {
    seen.set(address, (seen.get(address) ?? 0) + 1);
  }
  return seen;
};

describe('compose stack', () => {
  const stack = new Stack();
  let session: Session;

  /** What a client does: reads a list and an account, writes items. */
  const traffic = (total: number, perSecond: number): Promise<LoadResult> =>
    load(total, perSecond, {
      ...session,
      request: (index) =>
        index % 10 === 0
          ? { method: 'POST', url: `${stack.url}/api/v1/items`, body: `{"title":"item ${index}","price":"1.00"}` }
          : { method: 'GET', url: `${stack.url}/api/v1/${index % 2 ? 'items?limit=5' : 'users/me'}` },
    });

  /** What nginx had to tell of requests that nobody served. */
  const refused = (failed: object): string[] =>
    Object.keys(failed).length === 0
      ? []
      : podman('logs', '--since', '3m', stack.containers('nginx')[0] ?? '')
          .split('\n')
          .filter((line) => /"status":5|\[(error|crit)\]/.test(line))
          .slice(0, 10);

  beforeAll(() => stack.prepare(), 60_000);
  afterAll(() => stack.remove(), 120_000);

  it('does not start without secrets, and says how to make them', () => {
    const { status, output } = stack.try('docker compose config');
    expect(status).not.toBe(0);
    expect(output).toContain('run deploy/compose/setup.sh first');
  });

  it('makes secrets and a certificate once', () => {
    stack.run('deploy/compose/setup.sh');
    const kept = () => stack.run('cat .env deploy/compose/tls/*');
    const before = kept();
    stack.run('deploy/compose/setup.sh');
    expect(kept()).toBe(before);
    expect(stack.run('stat -c %a .env').trim()).toBe('600');
  });

  it('comes up with one command, in order, and works through nginx', () => {
    stack.run(block('compose-start').replace(' --build', ''));
    expect(stack.containers('app')).toHaveLength(3);
    const proof = stack.run(block('compose-prove').replace('https://localhost', stack.url));
    expect(proof).toMatch(/works\nCreated the administrator keeper/);
    const [migrate = ''] = stack.containers('migrate');
    expect(podman('inspect', '--format', '{{.State.ExitCode}}', migrate).trim()).toBe('0');
  }, 300_000);

  it('holds every container to its limits', () => {
    for (const service of ['app', 'nginx', 'postgres', 'redis', 'prometheus']) {
      for (const id of stack.containers(service)) {
        const [{ HostConfig: host }] = JSON.parse(podman('inspect', id)) as [
          { HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[]; Memory: number } },
        ];
        expect({
          service,
          readOnly: host.ReadonlyRootfs,
          dropsAll: host.CapDrop.length > 5,
          isLimited: host.Memory > 0,
        }).toEqual({
          service,
          readOnly: true,
          dropsAll: true,
          isLimited: true,
        });
        expect(podman('exec', id, 'sh', '-c', 'id -u').trim()).not.toBe('0');
        expect(podman('port', id) !== '').toBe(service === 'nginx');
      }
    }
  });

  it('spreads requests over three instances evenly', async () => {
    session = stack.signIn('ada');
    for (let sent = 0; sent < 150; sent++) {
      stack.curl('/api/v1/users/me', '--fail', '--header', `Authorization: Bearer ${session.token}`);
    }
    const seen = await until(5, () => {
      const found = upstreams(podman('logs', stack.containers('nginx')[0] ?? ''));
      if ([...found.values()].reduce((sum, count) => sum + count, 0) < 150) throw new Error('The log is behind');
      return found;
    });
    process.stdout.write(`compose: 150 requests went to ${[...seen.values()].join(' + ')} by instance\n`);
    expect(seen.size).toBe(3);
    for (const count of seen.values()) expect(count).toBeGreaterThanOrEqual(20);
  });

  it('redirects HTTP, speaks HTTP/2, and shows metrics and details to nobody outside', () => {
    expect(stack.curl(`${stack.httpUrl}/docs`, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}')).toBe(
      `308 ${stack.url}/docs`,
    );
    expect(stack.curl('/docs', '-L', '--http2', '-o', '/dev/null', '-w', '%{http_version} %{http_code}')).toBe('2 200');
    for (const path of ['/metrics', '/metrics/', '/health/detailed', '//metrics', '/%6detrics']) {
      expect(stack.curl(path, '--path-as-is', '-w', '%{http_code}')).toMatch(/"code":"not_found".*404$/);
    }
  });

  it('drops none of 10,000 requests while each instance is restarted in turn', async () => {
    const loading = traffic(10_000, 80);
    for (const id of stack.containers('app')) {
      await finish('podman', ['restart', '--time', '40', id]);
      await until(30, () => finish('podman', ['healthcheck', 'run', id]));
    }
    const { sent, failed } = await loading;
    process.stdout.write(`compose: ${sent} requests over three restarts, failed: ${JSON.stringify(failed)}\n`);
    expect({ sent, failed, log: refused(failed) }).toEqual({ sent: 10_000, failed: {}, log: [] });
  }, 300_000);

  it('gives every query of the dashboard data', async () => {
    // A problem of every kind that a panel counts.
    for (let attempt = 0; attempt < 8; attempt++) {
      stack.curl('/api/v1/auth/login', '--json', '{"username":"ada","password":"wrong"}');
    }
    await until(90, () => {
      const empty = panelQueries().filter(({ expr }) => stack.query(expr).trim() === '');
      expect(empty).toEqual([]);
    });
    expect(stack.query('count(up{job="mainstay"} == 1)')).toContain('=> 3 @');
    expect(stack.query('job:http_requests:rate5m')).toContain('=>');
  }, 120_000);

  it('backs up, restores into a new database, and runs on it', () => {
    const counts = () =>
      stack.run(
        `docker compose exec -T postgres psql -U mainstay -XAt -c 'select count(*) from users' -c 'select count(*) from items' mainstay`,
      );
    stack.run(block('compose-backup'));
    const before = counts();
    stack.run('cd backups && sha256sum --check --quiet *.sha256');
    expect(stack.run('stat -c %a backups/*.dump').trim()).toBe('600');
    stack.run(block('compose-restore'));
    stack.run(block('compose-switch'));
    expect(counts()).toBe(before);
    expect(
      JSON.parse(stack.curl('/api/v1/users/me', '--header', `Authorization: Bearer ${session.token}`)),
    ).toMatchObject({ username: 'ada' });
  }, 240_000);

  it('drops no request while it is upgraded', async () => {
    const before = stack.containers('app');
    const loading = traffic(4000, 50);
    await stack.finish(`${block('compose-upgrade').trim()} --no-build`);
    const { sent, failed } = await loading;
    process.stdout.write(`compose: ${sent} requests over an upgrade, failed: ${JSON.stringify(failed)}\n`);
    expect({ sent, failed, log: refused(failed) }).toEqual({ sent: 4000, failed: {}, log: [] });
    const after = stack.containers('app');
    expect(after).toHaveLength(3);
    for (const id of before) expect(after).not.toContain(id);
  }, 300_000);
});
