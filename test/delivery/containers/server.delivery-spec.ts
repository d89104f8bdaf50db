import { readdirSync } from 'node:fs';
import { until } from '../support/containers.js';
import { block, version } from '../support/docs.js';
import { load } from '../support/load.js';
import { mustRun, read, root, run } from '../support/run.js';
import { Server, onServer, statusOnServer } from '../support/server.js';

describe('plain server', () => {
  const server = new Server();
  const install = (release: string) => onServer(`${release}/deploy/systemd/install.sh`);
  const show = (property: string) => onServer(`systemctl show --value --property ${property} mainstay`).trim();
  const ready = () => until(30, () => expect(server.curl('/health/ready')).toContain('"ok"'));

  beforeAll(async () => {
    const folder = mustRun('mktemp', ['-d']).trim();
    mustRun('sh', ['-c', `cd '${folder}' && '${root}'/scripts/package.sh`]);
    const [archive = ''] = readdirSync(folder);
    expect(block('server-package')).toContain(`scripts/package.sh\nscp ${archive} server:`);
    await server.boot(`${folder}/${archive}`);
    mustRun('rm', ['-r', folder]);
  }, 600_000);
  afterAll(() => server.remove());

  it('installs, asks for the database, and starts when it is named', async () => {
    for (const name of block('server-packages')
      .match(/(?<=install -y ).*/)?.[0]
      .split(' ') ?? [])
      onServer(`dpkg -s ${name}`);
    expect(onServer(block('server-install'))).toContain('Set DATABASE_URL in /etc/mainstay/mainstay.env');
    expect(onServer('stat -c "%a %U %G" /etc/mainstay/mainstay.env').trim()).toBe('640 root mainstay');
    onServer(block('server-database'));
    await ready();
    expect(server.smoke()).toContain('works');
    expect(onServer(block('server-admin'))).toContain('Created the administrator keeper');
  });

  it('installs again and keeps settings, key and certificate', async () => {
    const kept = () => onServer('cat /etc/mainstay/mainstay.env /etc/mainstay/tls/*');
    const before = kept();
    expect(install(`mainstay-${version}`)).toContain(`Mainstay ${version} runs`);
    expect(kept()).toBe(before);
    await ready();
  });

  it('has units that systemd finds nothing wrong with, exposed no more than 3.0 of 10', () => {
    expect(onServer('systemd-analyze verify mainstay.service mainstay-backup.service mainstay-backup.timer 2>&1')).toBe(
      '',
    );
    const [, score] =
      /exposure level for mainstay.service: ([\d.]+)/.exec(onServer('systemd-analyze security --no-pager mainstay')) ??
      [];
    process.stdout.write(`systemd: exposure of mainstay.service ${score}\n`);
    expect(Number(score)).toBeLessThanOrEqual(3);
  });

  it('listens on a socket that only nginx may open, as a user without rights', () => {
    expect(onServer('stat -c "%F %a %G" /run/mainstay/mainstay.sock').trim()).toMatch(/^socket 7?[67][67]0 mainstay$/);
    expect(onServer(`ps -o user= -p ${show('MainPID')}`).trim()).toBe('mainstay');
    expect(onServer(`grep CapEff /proc/${show('MainPID')}/status`)).toMatch(/:\s0+\n/);
    expect(onServer('ss -Hltn | grep -c ":8000 " || true').trim()).toBe('0');
  });

  it('answers through nginx over HTTP/2 and TLS 1.2 or newer, compressed, with the request id', () => {
    const head = server.curl(
      '/openapi.json',
      '--http2',
      '--dump-header',
      '-',
      '--output',
      '/dev/null',
      '--compressed',
      '--header',
      'X-Request-ID: from-outside.1',
    );
    expect(head).toMatch(/^HTTP\/2 200/);
    expect(head).toMatch(/content-encoding: gzip/i);
    expect(head).toMatch(/x-request-id: from-outside\.1/i);
    expect(head).toMatch(/strict-transport-security/i);
    expect(head).not.toMatch(/server: nginx\/\d/i);
    for (const [version, code] of [
      ['1.1', 35],
      ['1.2', 0],
      ['1.3', 0],
    ] as const) {
      const args = ['-sko', '/dev/null', '--tlsv1.0', '--tls-max', version, `${server.url}/health`];
      expect({ version, code: run('curl', args).status }).toEqual({ version, code });
    }
  });

  it('sends HTTP to HTTPS, and keeps metrics and details inside', () => {
    expect(onServer('curl -sI http://127.0.0.1/health')).toMatch(/308[\s\S]*location: https:\/\/127\.0\.0\.1\/health/i);
    for (const path of ['/metrics', '/metrics/', '/health/detailed', '//metrics', '/%6detrics']) {
      expect(server.curl(path, '--path-as-is', '--write-out', '%{http_code}')).toMatch(/"code":"not_found".*404$/);
    }
    expect(onServer('curl -s http://127.0.0.1:9000/metrics')).toContain('app_build_info');
    expect(onServer('curl -s http://127.0.0.1:9000/health/detailed')).toContain('"database"');
  });

  it('logs what nginx saw: the client itself, not what it claims, and no health checks', async () => {
    server.curl('/api/v1/items', '--header', 'X-Forwarded-For: 192.0.2.66', '--header', 'X-Request-ID: seen-1');
    server.curl('/health/live', '--header', 'X-Request-ID: unseen-1');
    await until(5, () => expect(onServer('cat /var/log/nginx/mainstay.log')).toContain('"requestId":"seen-1"'));
    expect(onServer('cat /var/log/nginx/mainstay.log')).not.toContain('unseen-1');
    const line = await until(5, () => {
      const found = onServer('journalctl -u mainstay -o cat --no-pager')
        .split('\n')
        .find((text) => text.includes('"seen-1"'));
      if (!found) throw new Error('The request is not in the journal');
      return found;
    });
    expect(line).toContain('"level":"info"');
    expect(line).not.toContain('192.0.2.66');
    expect(onServer('logrotate --debug /etc/logrotate.d/nginx 2>&1')).toContain('/var/log/nginx/mainstay.log');
  });

  it('comes back after kill -9', async () => {
    const before = show('MainPID');
    onServer(`kill -9 ${before}`);
    const killedAt = performance.now();
    await until(20, () => {
      expect(show('MainPID')).not.toBe(before);
      expect(server.curl('/health/ready')).toContain('"ok"');
    });
    process.stdout.write(`systemd: ready ${Math.round(performance.now() - killedAt)} ms after kill -9\n`);
    expect(show('NRestarts')).toBe('1');
  });

  it('stays up while the database is away, and serves when it is back', async () => {
    const pid = show('MainPID');
    onServer('systemctl stop postgresql');
    await until(10, () => expect(server.curl('/health/ready', '--write-out', '%{http_code}')).toMatch(/503$/));
    expect(server.curl('/health/live')).toContain('"ok"');
    onServer('systemctl start postgresql');
    await ready();
    expect(show('MainPID')).toBe(pid);
  });

  it('ends with code 0 when it is stopped, and nginx tells that nobody is there', async () => {
    onServer('systemctl stop mainstay');
    expect([show('Result'), show('ExecMainStatus')]).toEqual(['success', '0']);
    expect(server.curl('/health', '--write-out', '%{http_code}')).toMatch(/"code":"unavailable".*503$/);
    onServer('systemctl start mainstay');
    await ready();
  });

  describe('a product that speaks to systemd', () => {
    it('is started when it serves', () => {
      onServer('systemctl restart mainstay');
      expect(server.curl('/health/ready')).toContain('"ok"');
      expect(show('StatusText')).toBe('Serving');
    });

    it('loses no request while it reloads', async () => {
      const loading = load(2000, 200, {
        ca: server.ca,
        token: '',
        request: () => ({ method: 'GET', url: `${server.url}/health` }),
      });
      await until(5, () => onServer('systemctl reload mainstay'));
      const { failed } = await loading;
      expect(failed).toEqual({});
    });
  });

  it('upgrades and rolls back', async () => {
    const serves = () => (JSON.parse(server.curl('/health')) as { version: string }).version;
    onServer(`cp -R mainstay-${version} next && sed -i '0,/"version": .*/s//"version": "99.0.0",/' next/package.json`);
    expect(install('next')).toContain('Mainstay 99.0.0 runs');
    await ready();
    expect(serves()).toBe('99.0.0');
    expect(onServer(block('server-rollback'))).toContain(`Mainstay ${version} runs`);
    await ready();
    expect(serves()).toBe(version);
  });

  it('backs up every night, for nobody else to read, and restores into an empty database only', async () => {
    expect(onServer('systemctl is-enabled mainstay-backup.timer').trim()).toBe('enabled');
    onServer(block('server-backup'));
    const file = onServer('ls /var/backups/mainstay/*.dump').trim();
    expect(onServer(`stat -c "%a %U" ${file}`).trim()).toBe('600 mainstay');
    const rows = (database: string) =>
      onServer(
        `runuser -u postgres -- psql -XAt ${database} -c 'select count(*) from users' -c 'select count(*) from audit_events' -c 'select count(*) from migrations'`,
      );
    onServer(block('server-restore'));
    await ready();
    expect(rows('mainstay')).toBe(rows('before_restore'));
    expect(rows('mainstay')).toMatch(/^[1-9]\d*\n[1-9]\d*\n[1-9]/);

    const settings = '. /etc/mainstay/mainstay.env; export DATABASE_URL';
    const restore = `${settings}; /opt/mainstay/current/deploy/backup/restore.sh`;
    expect(statusOnServer(`${restore} ${file}`)).toBe(1);
    onServer('runuser -u postgres -- createdb --owner mainstay restored && ln -s /opt/mainstay/current/deploy deploy');
    onServer(
      block('backup-anywhere').replaceAll(/'postgres:.*\/(\w+)'/g, `"$(${settings}; echo "\${DATABASE_URL%/*}")/$1"`),
    );
    expect(rows('restored')).toBe(rows('mainstay'));
    onServer(`sed -i 's/^./x/' ${file}.sha256 && runuser -u postgres -- createdb --owner mainstay empty`);
    expect(
      statusOnServer(
        `. /etc/mainstay/mainstay.env; DATABASE_URL=\${DATABASE_URL%/*}/empty deploy/backup/restore.sh ${file}`,
      ),
    ).toBe(1);
  });

  it('has the settings that the documentation tells', () => {
    const documented = read('docs/configuration.md');
    for (const [, name = ''] of onServer('cat /etc/mainstay/mainstay.env').matchAll(/^([A-Z_]+)=/gm)) {
      if (name !== 'NODE_OPTIONS' && name !== 'WEB_CONCURRENCY') expect(documented).toContain(`\`${name}\``);
    }
  });
});
