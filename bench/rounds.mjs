import { setTimeout as delay } from 'node:timers/promises';
import { runLoad } from './load.mjs';
import { Program } from './program.mjs';
import { routes } from './routes.mjs';
import { median, randomNumbers } from './statistics.mjs';

const settleMs = 1000;
/** So many requests, as a share of those that are measured, come before each sample. */
const rewarmShare = 0.4;

/**
 * @typedef {object} Contender a program, what it is run on and the requests that make sense there
 * @property {import('./program.mjs').ProgramSpec} spec
 * @property {import('./routes.mjs').Owner[]} owners
 *
 * @typedef {import('./load.mjs').LoadResult & { cpuMicroseconds: number }} Sample CPU of the server a request
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} startMs median time from spawn to the first 200
 * @property {number} idleMebibytes resident before the first request but for health
 * @property {number} loadedMebibytes resident after the last round
 * @property {Record<string, Sample[]>} samples of each route, one a round
 */

/**
 * Runs all contenders side by side and measures them in turn, so that what else the machine does hits all alike.
 * @param {Contender[]} contenders
 * @param {Pick<import('./options.mjs').Options, 'routes' | 'rounds' | 'requests' | 'warmup' | 'connections' | 'starts'>} options
 * @param {object} hooks
 * @param {string} hooks.logDir
 * @param {(programs: Program[]) => Promise<void>} [hooks.check] called once when all are up
 * @param {(line: string) => void} hooks.report progress
 * @returns {Promise<Measured[]>}
 */
export async function measure(contenders, options, { logDir, check, report }) {
  /** @type {Running[]} */
  const running = [];
  try {
    for (const contender of contenders) {
      running.push(await start(contender, options.starts, logDir));
      report(`${contender.spec.name} is up`);
    }
    await delay(settleMs);
    for (const { program, measured } of running) measured.idleMebibytes = program.residentMebibytes();
    await check?.(running.map(({ program }) => program));
    await interleave(running, options, report);
    for (const { program, measured } of running) measured.loadedMebibytes = program.residentMebibytes();
    return running.map(({ measured }) => measured);
  } finally {
    await Promise.all(running.map(({ program }) => program.stop()));
  }
}

/** @typedef {Contender & { program: Program, measured: Measured }} Running */

/**
 * Starts a program several times for its start time, and leaves the last one running.
 * @param {Contender} contender
 * @param {number} starts
 * @param {string} logDir
 * @returns {Promise<Running>}
 */
async function start(contender, starts, logDir) {
  const times = [];
  for (;;) {
    const { program, startMs } = await Program.start(contender.spec, logDir);
    times.push(startMs);
    if (times.length < starts) {
      await program.stop();
      continue;
    }
    const name = contender.spec.name;
    const measured = { name, startMs: median(times), idleMebibytes: 0, loadedMebibytes: 0, samples: {} };
    return { ...contender, program, measured };
  }
}

/**
 * @param {Running[]} running
 * @param {Parameters<typeof measure>[1]} options
 * @param {(line: string) => void} report
 */
async function interleave(running, options, report) {
  for (let round = 0; round <= options.rounds; round++) {
    // Round 0 warms up. Each round starts with another program, so that none profits from its place.
    const order = running.map((_, i) => /** @type {Running} */ (running[(i + round) % running.length]));
    for (const route of options.routes) {
      for (const one of order) {
        const requests = round === 0 ? options.warmup : options.requests;
        // While the others had their turn it was idle: caches went cold, and those that expire are empty.
        if (round > 0) await sampleRoute(one, route, Math.ceil(requests * rewarmShare), options.connections, -round);
        const sample = await sampleRoute(one, route, requests, options.connections, round);
        if (round > 0) (one.measured.samples[route] ??= []).push(sample);
      }
    }
    report(round === 0 ? 'warm' : `round ${round} of ${options.rounds}`);
  }
}

/**
 * @param {{ program: Program, owners: import('./routes.mjs').Owner[] }} running
 * @param {string} routeName
 * @param {number} requests
 * @param {number} connections
 * @param {number} seed of the choice of users and items, the same for all programs
 * @returns {Promise<Sample>}
 */
export async function sampleRoute({ program, owners }, routeName, requests, connections, seed) {
  const route = routes[routeName];
  if (!route) throw new Error(`There is no route ${routeName}.`);
  const random = randomNumbers(seed);
  const before = program.cpuMilliseconds();
  const nextRequest = () => route(owners, random);
  const result = await runLoad({ url: program.url, connections, requests, nextRequest }).catch((fault) => {
    throw new Error(`${program.name}, ${routeName}: ${fault.message}\n${program.lastWords()}`);
  });
  const cpuMicroseconds = (1000 * (program.cpuMilliseconds() - before)) / result.answered;
  return { ...result, cpuMicroseconds };
}
