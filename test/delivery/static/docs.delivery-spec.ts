import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, blockNames } from '../support/docs.js';
import { mustRun, read, root } from '../support/run.js';

const folder = 'test/delivery';

/** Types a block with helm and kubectl as they do without a cluster, and what follows an installation left out. */
function typed(text: string): string {
  const values = mustRun('mktemp').trim();
  writeFileSync(values, block('helm-values'));
  const dry = `
    kubectl() { command kubectl "$@" --dry-run=client --output name; }
    helm() { if [ "$1" = upgrade ]; then shift 2; command helm install --dry-run=client "$@"; fi; }
  `;
  return mustRun('sh', ['-euc', dry + text.replaceAll('values.yaml', values)]);
}

describe('docs/deployment.md', () => {
  it('has no block of commands that no test types, but those that need a cluster or a registry', () => {
    const specs = ['containers', 'static']
      .flatMap((part) => readdirSync(join(root, folder, part)).map((file) => read(`${folder}/${part}/${file}`)))
      .join('\n');
    expect(blockNames.length).toBeGreaterThan(15);
    for (const name of blockNames)
      expect({ name, isTyped: specs.includes(`'${name}'`) }).toEqual({ name, isTyped: true });
    const others = [...read('docs/deployment.md').matchAll(/(?<!<!-- run: [\w-]+ -->)\n\n```sh\n([^]*?)```/g)];
    for (const [, text = ''] of others) expect(text).toMatch(/^(docker (build|push)|kubectl|helm) /);
  });

  it('makes the namespace and the Secret', () => {
    expect(typed(block('helm-secret'))).toBe('namespace/apps\nsecret/mainstay\n');
  });

  it('installs the chart with the values that it shows', () => {
    const told = typed(block('helm-install'));
    expect(told).toContain('https://api.example.com/api/v1');
    expect(told).not.toContain('WARNING');
    for (const kind of ['Ingress', 'HorizontalPodAutoscaler', 'ServiceMonitor', 'PrometheusRule', 'NetworkPolicy']) {
      expect(told).toContain(`kind: ${kind}\n`);
    }
  });

  it('installs the trial, and warns of it', () => {
    expect(typed(block('helm-trial'))).toContain('WARNING: the trial databases have no backups');
  });

  it('links to headings and files that exist', () => {
    const text = read('docs/deployment.md');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) expect(headings).toContain(target.slice(1));
      else mustRun('test', ['-e', join(root, 'docs', target)]);
    }
  });
});
