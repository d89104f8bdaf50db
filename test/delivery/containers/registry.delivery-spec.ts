import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart, helm, render, renderText, appPod, valuesOf } from '../support/chart.js';
import { freePort } from '../support/compose.js';
import { image, podman, until } from '../support/containers.js';
import { version } from '../support/docs.js';
import { mustRun, read } from '../support/run.js';

/** The commands that a workflow step runs, found by what they begin with. */
function stepOf(workflow: string, start: string): string {
  const line = read(`.github/workflows/${workflow}`)
    .split('\n')
    .find((text) => text.trim().startsWith(start));
  if (!line) throw new Error(`${workflow} has no ${start}`);
  return line.trim();
}

describe('a release in a registry', () => {
  const folder = mustRun('mktemp', ['-d']).trim();
  let registry: ChildProcess;
  let host = '';

  beforeAll(async () => {
    const port = await freePort();
    host = `127.0.0.1:${port}`;
    const config = `version: 0.1\nstorage: { filesystem: { rootdirectory: ${folder}/registry } }\nhttp: { addr: '${host}' }\n`;
    writeFileSync(join(folder, 'config.yml'), config);
    registry = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
    await until(20, async () => expect((await fetch(`http://${host}/v2/`)).status).toBe(200));
  });
  afterAll(async () => {
    registry.kill();
    await once(registry, 'close');
    mustRun('rm', ['-rf', folder]);
  });

  it('names the pushed image by its digest, as the release workflow packs the chart', () => {
    const repository = `${host}/mainstay`;
    podman(
      'push',
      '--quiet',
      '--tls-verify=false',
      '--digestfile',
      join(folder, 'digest'),
      image,
      `${repository}:1.2.3`,
    );
    const digest = readFileSync(join(folder, 'digest'), 'utf8');
    cpSync(chart, join(folder, 'mainstay'), { recursive: true, dereference: true });
    const env = { IMAGE: repository, IMAGE_DIGEST: digest, VERSION: '1.2.3' };
    for (const start of ['sed -i', 'grep -q']) {
      const command = stepOf('release.yml', start).replaceAll('helm/mainstay', join(folder, 'mainstay'));
      mustRun('sh', ['-c', command], env);
    }
    expect(
      helm('package', join(folder, 'mainstay'), '--version', '1.2.3', '--app-version', '1.2.3', '-d', folder).status,
    ).toBe(0);
    const pushed = helm('push', join(folder, 'mainstay-1.2.3.tgz'), `oci://${host}/charts`, '--plain-http');
    expect(pushed.output).toMatch(/Digest: sha256:[0-9a-f]{64}/);

    const oci = [`oci://${host}/charts/mainstay`, '--version', '1.2.3', '--plain-http'];
    const rendered = helm('template', 'demo', ...oci, '-n', 'apps', '--set', 'secrets.existingSecret=s');
    expect(rendered.output).toContain(`image: "${repository}@${digest}"`);
    expect(helm('pull', ...oci, '--destination', join(folder, 'registry')).output).toContain(
      /Digest: (sha256:\w+)/.exec(pushed.output)?.[1],
    );
    podman('pull', '--quiet', '--tls-verify=false', `${repository}@${digest}`);
    podman('rmi', `${repository}@${digest}`);
  });

  it('is the chart of the repository', () => {
    const repacked = ['template', 'demo', join(folder, 'registry/mainstay-1.2.3.tgz'), '--namespace', 'apps'];
    const values = [...valuesOf('default'), '--set', 'image.digest='];
    const { stdout } = helm(...repacked, ...values);
    expect(stdout.replaceAll('1.2.3', version)).toBe(renderText(...values));
    expect(appPod(render(...values)).containers[0]?.image).toContain(`:${version}`);
  });
});
