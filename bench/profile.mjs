import { analyse } from './cpu-profile.mjs';
import { fillDatabase, readOwners } from './dataset.mjs';
import { Inspector } from './inspector.mjs';
import { Program } from './program.mjs';
import { programSpec } from './programs.mjs';
import { table } from './report.mjs';
import { sampleRoute } from './rounds.mjs';

const samplingMicroseconds = 200;
const ownersShown = 30;
const functionsShown = 30;

/**
 * @typedef {object} RouteProfile
 * @property {string} program
 * @property {string} route
 * @property {number} cpuMicroseconds a request, measured without the profiler
 * @property {number} allocatedBytes a request
 * @property {import('./cpu-profile.mjs').Shares} owners
 * @property {import('./cpu-profile.mjs').Shares} functions
 */

/**
 * Where the CPU time of each program goes. Only the load is profiled, not the start. Sampling costs time itself, so
 * the shares are applied to the time of a run without it.
 * @param {import('./modes.mjs').Context} context
 * @returns {Promise<import('./modes.mjs').Outcome>}
 */
export async function profile({ server, options, logDir, report }) {
  const url = await server.createDatabase('bench');
  await fillDatabase(url, options);
  const owners = await readOwners(url);
  /** @type {RouteProfile[]} */
  const profiles = [];
  for (const name of options.targets) {
    const spec = programSpec(name, url, { nodeOptions: ['--inspect=127.0.0.1:0'], isBundled: false });
    const { program } = await Program.start(spec, logDir);
    try {
      const inspector = await Inspector.connect(program.logFile);
      await inspector.send('Profiler.enable');
      await inspector.send('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
      for (const route of options.routes) {
        report(`${name}: ${route}`);
        profiles.push(await profileRoute({ program, owners }, inspector, route, options));
      }
      inspector.close();
    } finally {
      await program.stop();
    }
  }
  return { text: profiles.map(renderProfile).join('\n\n'), figures: profiles };
}

/**
 * @param {{ program: Program, owners: import('./routes.mjs').Owner[] }} running
 * @param {Inspector} inspector
 * @param {string} route
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<RouteProfile>}
 */
async function profileRoute(running, inspector, route, { warmup, requests, connections }) {
  await sampleRoute(running, route, warmup, connections, 0);
  const allocatedBefore = await inspector.allocatedBytes();
  const { cpuMicroseconds } = await sampleRoute(running, route, requests, connections, 1);
  const allocatedBytes = ((await inspector.allocatedBytes()) - allocatedBefore) / requests;
  await inspector.send('Profiler.start');
  await sampleRoute(running, route, requests, connections, 2);
  const { profile } = await inspector.send('Profiler.stop');
  return { program: running.program.name, route, cpuMicroseconds, allocatedBytes, ...analyse(profile) };
}

/** @param {RouteProfile} profile */
function renderProfile({ program, route, cpuMicroseconds, allocatedBytes, owners, functions }) {
  const rows = (/** @type {import('./cpu-profile.mjs').Shares} */ shares, /** @type {number} */ shown) =>
    shares
      .slice(0, shown)
      .map(({ name, share }) => [name, `${(100 * share).toFixed(1)} %`, (share * cpuMicroseconds).toFixed(1)]);
  const kibibytes = (allocatedBytes / 1024).toFixed(1);
  return [
    `## ${program}, ${route}: ${cpuMicroseconds.toFixed(0)} us CPU and ${kibibytes} KiB allocated a request`,
    'By package or file, with what Node and the kernel did on its behalf:',
    table(['owner', 'share', 'us a request'], rows(owners, ownersShown)),
    'By function:',
    table(['function', 'share', 'us a request'], rows(functions, functionsShown)),
  ].join('\n\n');
}
