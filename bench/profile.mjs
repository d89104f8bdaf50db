import { fillDatabase, readOwners } from './dataset.mjs';
import { Inspector } from './inspector.mjs';
import { Program } from './program.mjs';
import { programSpec } from './programs.mjs';
import { table } from './report.mjs';
import { sampleRoute } from './rounds.mjs';

const samplingMicroseconds = 200;
const groupsShown = 25;
const functionsShown = 30;

/**
 * @typedef {object} CpuProfile as V8 gives it
 * @property {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]} nodes
 * @property {number[]} samples
 * @property {number[]} timeDeltas
 */

/**
 * Where the CPU time of a program goes: the first of --targets that was asked for, else the product.
 * Only the load is profiled, not the start. Sampling costs time itself: the shares count, not the sums.
 * @param {import('./modes.mjs').Context} context
 * @returns {Promise<import('./modes.mjs').Outcome>}
 */
export async function profile({ server, options, logDir, report }) {
  const url = await server.createDatabase('bench');
  await fillDatabase(url, options);
  const owners = await readOwners(url);
  const spec = programSpec(options.targets.length === 1 ? (options.targets[0] ?? '') : 'product', url, {
    nodeOptions: ['--inspect=127.0.0.1:0'],
  });
  const { program } = await Program.start(spec, logDir);
  try {
    const inspector = await Inspector.connect(program.logFile);
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    const parts = [];
    for (const route of options.routes) {
      report(`${spec.name}: ${route}`);
      parts.push({ route, ...(await profileRoute({ program, owners }, inspector, route, options)) });
    }
    inspector.close();
    return { text: parts.map((part) => renderProfile(spec.name, part)).join('\n\n'), figures: parts };
  } finally {
    await program.stop();
  }
}

/**
 * @param {{ program: Program, owners: import('./routes.mjs').Owner[] }} running
 * @param {Inspector} inspector
 * @param {string} route
 * @param {import('./options.mjs').Options} options
 */
async function profileRoute(running, inspector, route, { warmup, requests, connections }) {
  await sampleRoute(running, route, warmup, connections, 0);
  const allocatedBefore = await inspector.allocatedBytes();
  const plain = await sampleRoute(running, route, requests, connections, 1);
  const allocatedBytes = ((await inspector.allocatedBytes()) - allocatedBefore) / requests;
  await inspector.send('Profiler.start');
  await sampleRoute(running, route, requests, connections, 2);
  const { profile } = await inspector.send('Profiler.stop');
  return { cpuMicroseconds: plain.cpuMicroseconds, allocatedBytes, ...selfTimes(profile) };
}

/**
 * Shares of the busy time by package or file, and by function.
 * @param {CpuProfile} profile
 */
function selfTimes({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  /** @type {Map<string, number>} */
  const groups = new Map();
  /** @type {Map<string, number>} */
  const functions = new Map();
  let busy = 0;
  samples.forEach((id, i) => {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)') return;
    const time = timeDeltas[i] ?? 0;
    const group = groupOf(frame);
    const name = `${frame.functionName || '(anonymous)'} (${group}${frame.url ? `:${frame.lineNumber + 1}` : ''})`;
    groups.set(group, (groups.get(group) ?? 0) + time);
    functions.set(name, (functions.get(name) ?? 0) + time);
    busy += time;
  });
  const shares = (/** @type {Map<string, number>} */ times, /** @type {number} */ shown) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, shown)
      .map(([name, time]) => ({ name, share: time / busy }));
  return { groups: shares(groups, groupsShown), functions: shares(functions, functionsShown) };
}

/**
 * The package of a function, the file of our own ones, the module of Node's.
 * @param {{ functionName: string, url: string }} frame
 */
function groupOf({ functionName, url }) {
  if (!url) return functionName.startsWith('(') ? functionName : 'native code';
  const path = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (path) return path[1] ?? url;
  return /\/(dist\/.*|bench\/.*)$/.exec(url)?.[1] ?? url;
}

/**
 * @param {string} program
 * @param {{ route: string, cpuMicroseconds: number, allocatedBytes: number } & ReturnType<typeof selfTimes>} part
 */
function renderProfile(program, { route, cpuMicroseconds, allocatedBytes, groups, functions }) {
  const rows = (/** @type {{ name: string, share: number }[]} */ shares) =>
    shares.map(({ name, share }) => [name, `${(100 * share).toFixed(1)} %`, (share * cpuMicroseconds).toFixed(1)]);
  return [
    `## ${program}, ${route}: ${cpuMicroseconds.toFixed(0)} us CPU and ${(allocatedBytes / 1024).toFixed(1)} KiB allocated a request`,
    table(['package or file', 'self', 'us a request'], rows(groups)),
    table(['function', 'self', 'us a request'], rows(functions)),
  ].join('\n\n');
}
