import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import {
  appPod,
  chart,
  containersOf,
  helm,
  kindsOf,
  least,
  only,
  podOf,
  podsOf,
  render,
  renderText,
  scenarios,
  valuesOf,
  type KubeObject,
} from '../support/chart.js';
import { mustRun, read, root } from '../support/run.js';

describe.each(scenarios)('chart with ci/%s-values.yaml', (scenario) => {
  const objects = render(...valuesOf(scenario));

  it('lints strictly', () => {
    const { status, output } = helm('lint', '--strict', chart, ...valuesOf(scenario));
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it('renders the same twice: nothing is generated', () => {
    // Helm does not say in which order objects of one kind and one template come.
    const objects = () =>
      renderText(...valuesOf(scenario))
        .split(/^---$/m)
        .sort();
    expect(objects()).toEqual(objects());
  });

  it('keeps every pod to the restricted Pod Security Standard', () => {
    for (const { name, spec } of podsOf(objects)) {
      expect({ name, ...spec.securityContext }).toMatchObject({
        name,
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.securityContext).not.toHaveProperty('readOnlyRootFilesystem');
      expect(spec).not.toHaveProperty('hostNetwork');
      for (const container of containersOf(spec)) {
        expect({ name, container: container.name, ...container.securityContext }).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('mounts no ServiceAccount token and makes no role', () => {
    for (const { name, spec } of podsOf(objects)) {
      expect({ name, mounts: spec.automountServiceAccountToken }).toEqual({ name, mounts: false });
    }
    expect(kindsOf(objects).filter((kind) => /Role/.test(kind))).toEqual([]);
  });

  it('gives every container requests, a memory limit and no CPU limit', () => {
    for (const { name, spec } of podsOf(objects)) {
      for (const { name: container, resources } of containersOf(spec)) {
        const told = { name, container, limits: Object.keys(resources?.limits ?? {}) };
        expect(told).toEqual({ name, container, limits: ['memory'] });
        expect(Object.keys(resources?.requests ?? {}).sort()).toEqual(['cpu', 'memory']);
      }
    }
  });

  it('names every image with a tag or a digest, never latest', () => {
    for (const { spec } of podsOf(objects)) {
      for (const { image } of containersOf(spec)) expect(image).toMatch(/(:(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})$/);
    }
  });

  it('keeps secrets out of everything but Secrets', () => {
    const secrets = objects.filter(({ kind }) => kind === 'Secret').flatMap((secret) => secretsIn(secret));
    const rest = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
    for (const secret of secrets) expect(rest).not.toContain(secret);
    const { output } = helm('install', 'demo', chart, '--dry-run=client', '--namespace', 'apps', ...valuesOf(scenario));
    const notes = output.slice(output.indexOf('\nNOTES:'));
    for (const secret of secrets) expect(notes).not.toContain(secret);
  });

  it('selects pods by name and instance only, and finds only its own', () => {
    const deployment = only(objects, 'Deployment');
    expect(Object.keys(deployment.spec.selector.matchLabels)).toEqual([
      'app.kubernetes.io/name',
      'app.kubernetes.io/instance',
    ]);
    const found = objects.filter((object) => {
      const labels = podOf(object)?.labels;
      return Object.entries(deployment.spec.selector.matchLabels).every(([name, value]) => labels?.[name] === value);
    });
    expect(kindsOf(found)).toEqual(['Deployment']);
  });

  it('gives a pod the time that its drain takes', () => {
    const spec = appPod(objects);
    const settings = only(
      objects.filter(({ metadata }) => metadata.name === only(objects, 'Deployment').metadata.name),
      'ConfigMap',
    ).data;
    const preStop = spec.containers.at(0)?.lifecycle?.preStop.sleep.seconds ?? 0;
    const needed = preStop + Number(settings?.DRAIN_DELAY) + Number(settings?.GRACEFUL_TIMEOUT);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });

  it('asks for liveness without and readiness with dependencies', () => {
    const app = appPod(objects).containers.find(({ name }) => name === 'app')!;
    expect(app.livenessProbe.httpGet?.path).toBe('/health/live');
    expect(app.startupProbe.httpGet?.path).toBe('/health/live');
    expect(app.readinessProbe.httpGet?.path).toBe('/health/ready');
    // A database that is away at boot is waited for, which must not look like a hang.
    expect(app.startupProbe.failureThreshold * app.startupProbe.periodSeconds).toBeGreaterThan(60);
  });

  it('does not publish /metrics', () => {
    const published = JSON.stringify(objects.filter(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute'));
    expect(published).not.toContain('metrics');
    expect(published).not.toMatch(/"(path|value)":"\/"/);
  });

  it('prints notes that name the Service, the pool budget and how to test', () => {
    const { output, status } = helm('install', 'demo', chart, '--dry-run=client', '-n', 'apps', ...valuesOf(scenario));
    expect(status).toBe(0);
    const notes = output.slice(output.indexOf('\nNOTES:'));
    expect(notes).toContain(`port-forward service/${only(objects, 'Deployment').metadata.name} 8000:80`);
    expect(notes).toMatch(/Up to \d+ pods open 20 database connections each: keep max_connections above \d+\./);
    expect(notes.includes('helm --namespace apps test demo')).toBe(scenario !== 'single');
  });
});

describe('chart', () => {
  it('makes only objects that the API knows, key by key', () => {
    const objects = scenarios.flatMap((scenario) => render(...valuesOf(scenario)));
    const { status, stdout, stderr } = spawnSync('node', ['test/delivery/support/validate-objects.mjs'], {
      cwd: root,
      input: JSON.stringify(objects),
      encoding: 'utf8',
    });
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
  });

  it.each([
    ['a misspelt key', '--set', 'replicaCounts=2', "additional properties 'replicaCounts' not allowed"],
    ['a misspelt setting', '--set', 'config.LOG_LEVLE=info', "'LOG_LEVLE' not allowed"],
    ['a secret among the settings', '--set', 'config.SECRET_KEY=x', "'SECRET_KEY' not allowed"],
    ['a wrong type', '--set', 'replicaCount=many', 'got string, want integer'],
    ['the tag latest', '--set', 'image.tag=latest', '/image/tag'],
    ['an unknown migration mode', '--set', 'migrations.mode=job', '/migrations/mode'],
    ['a bad digest', '--set', 'image.digest=sha256:1', '/image/digest'],
    ['hook migrations with the trial database', '--set', 'migrations.mode=hook,trial.postgresql.enabled=true', 'hook'],
    ['an Ingress without hosts', '--set', 'ingress.enabled=true', 'ingress.hosts is empty'],
    ['an HTTPRoute without a Gateway', '--set', 'httpRoute.enabled=true', 'httpRoute.parentRefs is empty'],
    ['fewer pods at most than at least', '--set', 'autoscaling.enabled=true,autoscaling.maxReplicas=2', 'above'],
    ['a ServiceMonitor without metrics', '--set', 'metrics.enabled=false,metrics.serviceMonitor.enabled=true', 'needs'],
    [
      'a secret from two places',
      '--set',
      'secrets.values.REDIS_URL=x,secrets.from.REDIS_URL.name=a,secrets.from.REDIS_URL.key=b',
      'keep one',
    ],
  ])('refuses %s in words', (_, flag, value, sentence) => {
    const { status, output } = helm('template', 'demo', chart, ...least, flag, value);
    expect(status).not.toBe(0);
    expect(output).toContain(sentence);
  });

  it('tells all that is missing at once', () => {
    const { output } = helm('template', 'demo', chart);
    expect(output).toContain('image.repository is empty');
    expect(output).toContain('DATABASE_URL comes from nowhere');
    expect(output).toContain('SECRET_KEY comes from nowhere');
  });

  it('takes anything under global', () => {
    expect(helm('template', 'demo', chart, ...least, '--set', 'global.anything.at=all').status).toBe(0);
  });

  it('knows exactly the settings of src/config/settings.ts', () => {
    mustRun('node', ['scripts/chart-schema.mjs', '--check']);
  });

  it('describes every value in a comment', () => {
    const undescribed: string[] = [];
    // Groups that the line being read lies in; what a described group holds needs no words of its own.
    let groups: { indent: number; isDescribed: boolean }[] = [];
    let isDescribed = false;
    for (const line of read('helm/mainstay/values.yaml').split('\n')) {
      const [, spaces = '', key, value] = /^( *)(?:- )?([\w./-]+):(.*)$/.exec(line) ?? [];
      if (/^ *#/.test(line)) isDescribed ||= line.includes('# -- ');
      if (!key) continue;
      groups = groups.filter(({ indent }) => indent < spaces.length);
      const isCovered = isDescribed || groups.some((group) => group.isDescribed);
      if (value) {
        if (!isCovered) undescribed.push(line.trim());
      } else groups.push({ indent: spaces.length, isDescribed: isCovered });
      isDescribed = false;
    }
    expect(undescribed).toEqual([]);
  });

  it('leaves replicas to the autoscaler, and has no disruption budget for one pod', () => {
    const scaled = render(...valuesOf('production'));
    expect(only(scaled, 'Deployment').spec).not.toHaveProperty('replicas');
    expect(only(scaled, 'HorizontalPodAutoscaler').spec).toMatchObject({ minReplicas: 3, maxReplicas: 10 });
    expect(kindsOf(render(...valuesOf('single')))).not.toContain('PodDisruptionBudget');
    expect(only(render(...least), 'PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  it('migrates by a hook with copies of its own, in the pod, or not at all', () => {
    const hook = render(...valuesOf('values-secrets'));
    const job = only(hook, 'Job');
    expect(job.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    const needed = JSON.stringify(podOf(job)?.spec.containers[0]?.envFrom);
    for (const { kind, metadata } of hook.filter(({ metadata: { name } }) => name === 'shop-api-migrate')) {
      if (kind !== 'Job') expect(metadata.annotations?.['helm.sh/hook-weight']).toBe('-10');
    }
    expect(needed).toBe(
      JSON.stringify([{ configMapRef: { name: 'shop-api-migrate' } }, { secretRef: { name: 'shop-api-migrate' } }]),
    );
    expect(podOf(job)?.spec).not.toHaveProperty('serviceAccountName');

    for (const scenario of ['init-container', 'trial']) {
      const objects = render(...valuesOf(scenario));
      expect(kindsOf(objects)).not.toContain('Job');
      expect(appPod(objects).initContainers).toMatchObject([
        { name: 'migrate', command: ['node', 'dist/cli/migrate.js', 'up'] },
      ]);
    }
    const none = render(...valuesOf('single'));
    expect(kindsOf(none)).not.toContain('Job');
    expect(appPod(none)).not.toHaveProperty('initContainers');
  });

  it('restarts pods when a setting or a secret changes, and for nothing else', () => {
    const annotations = (...args: string[]) =>
      only(render(...valuesOf('values-secrets'), ...args), 'Deployment').spec.template!.metadata.annotations;
    expect(annotations()).toEqual(annotations('--set', 'replicaCount=5,podDisruptionBudget.enabled=false'));
    expect(annotations('--set', 'config.LOG_LEVEL=debug')['checksum/config']).not.toBe(
      annotations()['checksum/config'],
    );
    expect(annotations('--set', 'secrets.values.SECRET_KEY=other')['checksum/secret']).not.toBe(
      annotations()['checksum/secret'],
    );
  });

  it('writes numbers into the environment as people do', () => {
    const settings = render(...valuesOf('values-secrets')).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'shop-api',
    );
    expect(settings?.data).toMatchObject({ MAX_BODY_BYTES: '1048576', DEBUG: 'false', RATE_LIMIT_LOGIN: '10/minute' });
  });

  it('lets DNS, the database and Redis out and only what it names in', () => {
    const { spec } = only(render(...valuesOf('production')), 'NetworkPolicy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress.map(({ ports }) => ports[0]?.port)).toEqual(['http', 'metrics']);
    expect(spec.egress[0]?.ports).toEqual([
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ]);
    expect(spec.egress.slice(1).map(({ ports }) => ports[0]?.port)).toEqual([5432, 6379, 4318]);
    expect(spec.podSelector.matchExpressions[0]?.values).toEqual(['mainstay', 'mainstay-migrate']);
  });

  it('spreads pods over zones and nodes', () => {
    const spread = appPod(render(...least)).topologySpreadConstraints;
    expect(
      spread.map(({ topologyKey, whenUnsatisfiable, matchLabelKeys }) => [
        topologyKey,
        whenUnsatisfiable,
        ...matchLabelKeys,
      ]),
    ).toEqual([
      ['topology.kubernetes.io/zone', 'ScheduleAnyway', 'pod-template-hash'],
      ['kubernetes.io/hostname', 'ScheduleAnyway', 'pod-template-hash'],
    ]);
  });

  it('puts every object into the overridden namespace', () => {
    for (const { kind, metadata } of render(...valuesOf('values-secrets'))) {
      expect({ kind, name: metadata.name, namespace: metadata.namespace }).toMatchObject({ namespace: 'shop' });
    }
  });

  it('is the same for clusters with and without optional APIs: values decide', () => {
    const args = valuesOf('production');
    expect(renderText(...args, '--api-versions', 'gateway.networking.k8s.io/v1')).toBe(renderText(...args));
    expect(renderText(...args, '--kube-version', '1.30.0')).toBe(renderText(...args, '--kube-version', '1.36.0'));
  });

  it('ships the rules, the dashboard and the smoke test that live in deploy/', () => {
    const objects = render(...valuesOf('production'));
    const rules = only(objects, 'PrometheusRule').spec;
    const runbooks = JSON.stringify(rules).match(/"runbook_url":"[^"]*"/g) ?? [];
    expect(runbooks.length).toBeGreaterThan(10);
    for (const runbook of runbooks)
      expect(runbook).toContain('"https://git.example.com/team/mainstay/blob/main/docs/alerts.md#');
    const original = parseDocument(read('deploy/prometheus/rules/mainstay.rules.yml')).toJS();
    expect(JSON.stringify(rules).replaceAll('https://git.example.com/team/mainstay/blob/main/', '')).toBe(
      JSON.stringify(original),
    );

    const files = Object.assign({}, ...objects.map(({ data }: KubeObject) => data ?? {})) as Record<string, string>;
    expect(JSON.parse(files['mainstay.json'] ?? '')).toEqual(
      JSON.parse(read('deploy/grafana/dashboards/mainstay.json')),
    );
    expect(files['smoke.mjs']?.trim()).toBe(read('deploy/smoke.mjs').trim());
  });

  it('is packed whole', () => {
    const folder = mustRun('mktemp', ['-d']).trim();
    expect(helm('package', chart, '--destination', folder).status).toBe(0);
    const version = /^version: (.*)$/m.exec(read('helm/mainstay/Chart.yaml'))?.[1] ?? '';
    const packed = join(folder, `mainstay-${version}.tgz`);
    expect(mustRun('tar', ['-tzf', packed])).not.toContain('/ci/');
    expect(helm('template', 'demo', packed, '--namespace', 'apps', ...valuesOf('production')).stdout).toBe(
      renderText(...valuesOf('production')),
    );
  });

  it('has the version of the product', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(read('helm/mainstay/Chart.yaml')).toContain(`\nversion: ${version}\nappVersion: ${version}\n`);
  });
});

function secretsIn({ stringData = {} }: KubeObject): string[] {
  // Of a URL with a password, the password counts.
  return Object.values(stringData).map((value) => (URL.canParse(value) && new URL(value).password) || value);
}
