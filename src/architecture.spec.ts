import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = join(process.cwd(), 'src');
const maxLines = 200;

/** From the outside in; a layer imports what stands after it, and within itself. */
const layers = [
  /^(main|process|start|supervise|app\.[a-z]+|cli\/.*)\.ts$/,
  /^modules\//,
  /^(database|cache|redis|throttling|edge|logging|runtime)\//,
  /^common\//,
  /^config\//,
];

/**
 * Which modules those of the core may know; a feature that is not listed may know all but auth. Nobody knows auth: its
 * decorators live in common/auth, its guards are global.
 */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  audit: [],
  auth: ['users', 'audit'],
  docs: [],
  health: [],
  users: ['audit'],
  items: ['users', 'audit'],
  metrics: ['users', 'health'],
};

/** By which files a module is entered; the rules of usernames, addresses and passwords hold at registration too. */
const doors = /(\.(module|service|entity|dto)|\/password-rules)\.ts$/;

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const imports = files.flatMap((from) =>
  [...(textOf.get(from) ?? '').matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)\.js'/g)].map(([, path = '']): Import => ({
    from,
    to: `${join(dirname(from), path)}.ts`,
  })),
);

const layerOf = (file: string) => layers.findIndex((layer) => layer.test(file));
const moduleOf = (file: string) => /^modules\/([^/]+)\//.exec(file)?.[1];
const told = ({ from, to }: Import) => `${from} -> ${to}`;

describe('the architecture', () => {
  it('has a layer for every file, and finds the imports', () => {
    expect(files.filter((file) => layerOf(file) === -1)).toEqual([]);
    expect(imports.length).toBeGreaterThan(files.length);
    expect(imports.filter(({ to }) => !textOf.has(to))).toEqual([]);
  });

  it('imports in one direction: main, app -> modules -> infrastructure -> common -> config', () => {
    expect(imports.filter(({ from, to }) => layerOf(from) > layerOf(to)).map(told)).toEqual([]);
  });

  it('lets modules know only their neighbours, and enter them by their doors', () => {
    const between = imports.filter(({ from, to }) => {
      const [here, there] = [moduleOf(from), moduleOf(to)];
      return here !== undefined && there !== undefined && here !== there;
    });
    const mayKnow = (here = '', there = '') => neighbours[here]?.includes(there) ?? there !== 'auth';
    const isAllowed = ({ from, to }: Import) => mayKnow(moduleOf(from), moduleOf(to)) && doors.test(to);
    expect(between.filter((entry) => !isAllowed(entry)).map(told)).toEqual([]);
  });

  it('has no cycles', () => {
    expect(files.map((file) => cycleFrom(file, [])).find((cycle) => cycle.length > 0) ?? []).toEqual([]);
  });

  it('has no barrels and no forwardRef', () => {
    expect(files.filter((file) => basename(file) === 'index.ts')).toEqual([]);
    expect(files.filter((file) => /forwardRef|^export \* from/m.test(textOf.get(file) ?? ''))).toEqual([]);
  });

  it('reads the environment in config only', () => {
    const readers = files.filter((file) => /process\.env|['"]node:process['"]/.test(textOf.get(file) ?? ''));
    expect(readers.filter((file) => !file.startsWith('config/'))).toEqual([]);
  });

  it(`has no file of more than ${maxLines} lines, but lists of settings and of properties`, () => {
    const long = files.filter((file) => (textOf.get(file) ?? '').split('\n').length > maxLines);
    expect(long.filter((file) => !/^config\/settings\.ts$|\.dto\.ts$/.test(file))).toEqual([]);
  });
});

const known = new Set<string>();

/** The files of the first cycle that is met on the way from this one. */
function cycleFrom(file: string, way: readonly string[]): readonly string[] {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (known.has(file)) return [];
  for (const { to } of imports.filter(({ from }) => from === file)) {
    const cycle = cycleFrom(to, [...way, file]);
    if (cycle.length > 0) return cycle;
  }
  known.add(file);
  return [];
}
