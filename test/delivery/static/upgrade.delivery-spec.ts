import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { chart, helm, render, scenarios, valuesOf, type KubeObject } from '../support/chart.js';
import { mustRun, read } from '../support/run.js';

/** What Kubernetes refuses to change, and what would cut a Service from pods that are still of the version before. */
function immutable(objects: readonly KubeObject[]): Record<string, unknown> {
  const fields = ['selector', 'serviceName', 'volumeClaimTemplates', 'podSelector'];
  const found = objects
    .filter(({ kind }) =>
      ['Deployment', 'StatefulSet', 'Service', 'PodDisruptionBudget', 'NetworkPolicy'].includes(kind),
    )
    .map(({ kind, metadata, spec }) => {
      const kept = Object.entries(spec).filter(([field]) => fields.includes(field));
      return [`${kind} ${metadata.namespace}/${metadata.name}`, Object.fromEntries(kept)] as const;
    });
  return Object.fromEntries(found);
}

// Written when the chart was first released. A difference here breaks every `helm upgrade`: change the chart, not the file.
const released = JSON.parse(read('test/delivery/static/released.json')) as Record<string, unknown>;

describe.each(scenarios)('an upgrade with ci/%s-values.yaml', (scenario) => {
  it('changes no selector since the first release', () => {
    expect(immutable(render(...valuesOf(scenario)))).toEqual(released[scenario]);
  });

  it('changes no selector and no pod when only the version of the chart is new', () => {
    const folder = mustRun('mktemp', ['-d']).trim();
    expect(helm('package', chart, '--version', '99.9.9', '--destination', folder).status).toBe(0);
    const next = parseAllDocuments(
      helm('template', 'demo', join(folder, 'mainstay-99.9.9.tgz'), '-n', 'apps', ...valuesOf(scenario)).stdout,
    )
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null);
    const pods = (objects: readonly KubeObject[]) =>
      objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet').map(({ spec }) => spec.template);
    expect(immutable(next)).toEqual(immutable(render(...valuesOf(scenario))));
    expect(pods(next)).toEqual(pods(render(...valuesOf(scenario))));
    mustRun('rm', ['-r', folder]);
  });
});
