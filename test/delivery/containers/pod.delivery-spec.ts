import { spawnSync } from 'node:child_process';
import { stringify } from 'yaml';
import { only, podOf, render, valuesOf, type KubeObject } from '../support/chart.js';
import { image, mark, podman, startPostgres, until } from '../support/containers.js';
import { run } from '../support/run.js';

const [repository = '', tag = ''] = image.split(/:(?=\w+$)/);

/** Podman 4 knows no Job, and reads no Secret of a manifest: pods by themselves, and Secrets as ConfigMaps. */
function playable(objects: readonly KubeObject[], name: string, pod: object): string {
  const own = objects.filter(({ metadata }) => metadata.name === name);
  const settings = only(own, 'ConfigMap');
  const secrets = own.find(({ kind }) => kind === 'Secret')?.stringData;
  const asConfigMap = JSON.stringify(pod).replaceAll('secretRef', 'configMapRef');
  return `${stringify({ ...settings, data: { ...settings.data, ...secrets } })}---\n${stringify(JSON.parse(asConfigMap))}`;
}

function podFrom(object: KubeObject): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: object.metadata.name }, spec: podOf(object)?.spec };
}

describe('the pods that the chart renders', () => {
  const network = `${mark}-pod`;
  let postgres: ReturnType<typeof startPostgres>;
  let objects: KubeObject[] = [];
  const played: string[] = [];

  const play = (yaml: string) => {
    played.push(yaml);
    const { status, stderr } = spawnSync('podman', ['play', 'kube', '--network', network, '-'], {
      input: yaml,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  };
  const nameOf = (end: string) => podman('ps', '--all', '--filter', `name=${end}$`, '--format', '{{.Names}}').trim();
  /** Waits for a container that ends by itself. @returns its exit code and what it wrote */
  const ended = (name: string) => ({ code: podman('wait', name).trim(), said: run('podman', ['logs', name]).output });
  const inApp = (script: string) => podman('exec', nameOf('shop-api.*-app'), 'node', '-e', script).trim();

  beforeAll(() => {
    postgres = startPostgres(network);
    objects = render(
      ...valuesOf('values-secrets'),
      ...['--set', `image.repository=${repository},image.tag=${tag},image.pullPolicy=Never,replicaCount=1`],
      ...['--set', `secrets.values.DATABASE_URL=${postgres.url},secrets.values.REDIS_URL=redis://127.0.0.1:1`],
    );
  });
  afterAll(() => {
    for (const input of played) spawnSync('podman', ['play', 'kube', '--down', '-'], { input });
    postgres.stop();
  });

  it('migrate, as the hook does', () => {
    play(playable(objects, 'shop-api-migrate', podFrom(only(objects, 'Job'))));
    expect(ended(nameOf('migrate-migrate'))).toMatchObject({ code: '0', said: expect.stringContaining('Migrated') });
  });

  it('start under their own restrictions and become ready', async () => {
    play(playable(objects, 'shop-api', only(objects, 'Deployment')));
    const ready = `fetch('http://127.0.0.1:8000/health/ready').then(async (r) => console.log(r.status, process.getuid()))`;
    await until(30, () => expect(inApp(ready)).toBe('200 1000'));
    expect(run('podman', ['exec', nameOf('shop-api.*-app'), 'touch', '/app/x']).status).toBe(1);
    const metrics = `fetch('http://127.0.0.1:9000/metrics').then(async (r) => console.log(await r.text()))`;
    expect(inApp(metrics)).toContain('app_build_info');
  });

  it('are proved by the pod of helm test', () => {
    const pod = only(objects, 'Pod');
    const address = inApp(
      `console.log(Object.values(require('os').networkInterfaces()).flat().find((a) => !a.internal && a.family === 'IPv4').address)`,
    );
    const reachable = JSON.parse(JSON.stringify(pod).replace('http://shop-api:80', `http://${address}:8000`)) as object;
    play(playable(objects, 'shop-api-test', reachable));
    expect(ended(nameOf('test-smoke'))).toMatchObject({ code: '0', said: expect.stringContaining('works') });
  });
});
