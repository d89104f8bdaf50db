import { spawnSync } from 'node:child_process';
import { stringify } from 'yaml';
import { only, render, valuesOf } from '../support/chart.js';
import { image, mark, podman, startPostgres, until } from '../support/containers.js';
import { run } from '../support/run.js';

const [repository = '', tag = ''] = image.split(/:(?=\w+$)/);

/** Rendered with migrations in the pod, and with its Secret as a ConfigMap, for Podman 4 knows no Secrets in `play kube`. */
function manifest(databaseUrl: string): string {
  const objects = render(
    ...valuesOf('values-secrets'),
    ...['--set', `image.repository=${repository},image.tag=${tag},image.pullPolicy=Never,replicaCount=1`],
    ...[
      '--set',
      `migrations.mode=initContainer,secrets.values.DATABASE_URL=${databaseUrl},secrets.values.REDIS_URL=redis://127.0.0.1:1`,
    ],
  );
  const deployment = only(objects, 'Deployment');
  const own = objects.filter(({ metadata }) => metadata.name === deployment.metadata.name);
  const settings = only(own, 'ConfigMap');
  const { stringData } = only(own, 'Secret');
  const text = JSON.stringify(deployment).replaceAll('secretRef', 'configMapRef');
  const config = { ...settings, data: { ...settings.data, ...stringData } };
  return `${stringify(config)}---\n${stringify(JSON.parse(text))}`;
}

describe('the pod that the chart renders', () => {
  const network = `${mark}-pod`;
  let postgres: ReturnType<typeof startPostgres>;
  let yaml = '';
  const play = (...args: string[]) =>
    spawnSync('podman', ['play', 'kube', ...args, '-'], { input: yaml, encoding: 'utf8' });

  beforeAll(() => {
    postgres = startPostgres(network);
    yaml = manifest(postgres.url);
  });
  afterAll(() => {
    play('--down');
    postgres.stop();
  });

  it('starts under its own restrictions, migrates and is ready', async () => {
    const { status, stderr } = play('--network', network);
    if (status !== 0) throw new Error(stderr);
    const name = podman('ps', '--filter', 'name=shop-api.*-app$', '--format', '{{.Names}}').trim();
    const ask = `fetch('http://127.0.0.1:8000/health/ready').then(async (r) => console.log(r.status, process.getuid()))`;
    await until(30, () => expect(podman('exec', name, 'node', '-e', ask).trim()).toBe('200 1000'));
    expect(run('podman', ['exec', name, 'touch', '/app/x']).status).toBe(1);
    const metrics = `fetch('http://127.0.0.1:9000/metrics').then(async (r) => console.log(await r.text()))`;
    expect(podman('exec', name, 'node', '-e', metrics)).toContain('app_build_info');
  });
});
