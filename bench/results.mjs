import { readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { format, resolveConfig } from 'prettier';

const document = 'bench/RESULTS.md';
const figuresFile = 'bench/results.json';
const shownPackages = ['@nestjs/core', 'express', 'typeorm', 'pg', 'jsonwebtoken', 'autocannon'];

/** Each kind of run has its own section, so that one can be repeated alone. */
const titles = {
  compare: 'Beside its peers',
  ablate: 'What each mechanism gives',
  scale: 'On more items, and deep in a list',
  profile: 'Where the time goes',
};

/** Machine, versions and date, without a name that tells whose machine it is. */
export function describeMachine() {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().replace(/[^\d.].*$/, '')} ${arch()}`,
    node: process.version,
    packages: Object.fromEntries(shownPackages.map((name) => [name, versionOf(name)])),
  };
}

/**
 * Puts a run's section and figures into the committed results in place of that run's last ones.
 * @param {import('./options.mjs').Options} options
 * @param {import('./modes.mjs').Outcome} outcome
 */
export async function writeResults(options, { text, figures }) {
  const all = { ...readFigures(), [options.mode]: { machine: describeMachine(), options, text, figures } };
  await writeFormatted(figuresFile, 'json', JSON.stringify(all));
  const sections = Object.entries(titles)
    .filter(([mode]) => all[mode])
    .map(([mode, title]) => renderSection(title, all[mode]));
  const markdown = [
    '# Results',
    'Written by `npm run bench -- --write`; see [README.md](README.md).',
    ...sections,
  ].join('\n\n');
  await writeFormatted(document, 'markdown', markdown);
}

/**
 * @param {string} file
 * @param {'json' | 'markdown'} parser
 * @param {string} text
 */
async function writeFormatted(file, parser, text) {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser }));
}

/** @param {string} name of an installed package */
function versionOf(name) {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
}

/** @returns {Record<string, any>} */
function readFigures() {
  try {
    return JSON.parse(readFileSync(figuresFile, 'utf8'));
  } catch (fault) {
    if (/** @type {NodeJS.ErrnoException} */ (fault).code === 'ENOENT') return {};
    throw fault;
  }
}

/**
 * @param {string} title
 * @param {{ machine: ReturnType<typeof describeMachine>, options: import('./options.mjs').Options, text: string }} run
 */
function renderSection(title, { machine, options, text }) {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const { rounds, requests, connections, users, rows } = options;
  return [
    `## ${title}`,
    `${machine.date}; ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}; Node ${machine.node}, ${packages.join(', ')}.`,
    `Rounds: ${rounds}, of ${requests} requests a route and program over ${connections} connections; ${users} users, ${rows} items.`,
    text,
  ].join('\n\n');
}
