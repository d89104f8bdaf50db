import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, mustRun, read, run } from '../support/run.js';

describeWith('nginx', 'the nginx site of a plain server', () => {
  const folder = mustRun('mktemp', ['-d']).trim();
  afterAll(() => void mustRun('rm', ['-r', folder]));

  it('passes nginx -t, as install.sh puts it there', () => {
    mustRun('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-subj',
        '/CN=localhost',
      ],
      ...['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')],
    ]);
    const here = (text: string) =>
      text
        .replaceAll('/etc/mainstay/tls', folder)
        .replaceAll('/etc/nginx/mainstay-locations.conf', join(folder, 'locations.conf'))
        .replaceAll('/var/log/nginx', folder)
        .replaceAll(/listen (\[::\]:)?(80|443)/g, 'listen $18$2');
    // The editing that install.sh does for an nginx before 1.25.1, by its own words.
    const [, edits = ''] = /sed -i '(.*)' \/etc\/nginx\/sites-available/.exec(read('deploy/systemd/install.sh')) ?? [];
    const [, minor = 0] = /nginx\/1\.(\d+)/.exec(run('nginx', ['-v']).output)?.map(Number) ?? [];
    const site = read('deploy/nginx/mainstay.conf');
    writeFileSync(join(folder, 'site.conf'), site);
    if (minor < 25) mustRun('sed', ['-i', edits, join(folder, 'site.conf')]);
    writeFileSync(join(folder, 'site.conf'), here(mustRun('cat', [join(folder, 'site.conf')])));
    writeFileSync(join(folder, 'locations.conf'), here(read('deploy/nginx/mainstay-locations.conf')));
    writeFileSync(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`,
    );
    const { status, output } = run('nginx', ['-t', '-q', '-e', 'stderr', '-c', join(folder, 'nginx.conf')]);
    expect({ status, output }).toEqual({ status: 0, output: '' });
  });
});
