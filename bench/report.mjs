import { median } from './statistics.mjs';

/**
 * @typedef {import('./rounds.mjs').Measured} Measured
 * @typedef {import('./rounds.mjs').Sample} Sample
 */

/**
 * The tables of a run, in Markdown.
 * @param {Measured[]} programs
 * @param {string[]} routes
 */
export function renderTables(programs, routes) {
  const base = programs.find(({ name }) => name === 'express-bare') ?? programs[0];
  if (!base) return '';
  return [
    `Server CPU a request against ${base.name}: median of the rounds [lowest-highest].`,
    table(
      ['program', ...routes, 'start ms', 'RSS idle -> after load, MiB'],
      programs.map((program) => [
        program === base ? `**${program.name}**` : program.name,
        ...routes.map((route) =>
          program === base ? '**1**' : ratioCell(samplesOf(program, route), samplesOf(base, route)),
        ),
        program.startMs.toFixed(0),
        `${program.idleMebibytes.toFixed(0)} -> ${program.loadedMebibytes.toFixed(0)}`,
      ]),
    ),
    'Server CPU a request in microseconds, median of the rounds [lowest-highest].',
    table(
      ['program', ...routes],
      programs.map((program) => [
        program.name,
        ...routes.map((route) =>
          spread(
            samplesOf(program, route).map((sample) => sample.cpuMicroseconds),
            0,
          ),
        ),
      ]),
    ),
    'Latency p50 / p99 in milliseconds and requests a second, medians. Load generator and database share the machine.',
    table(
      ['program', ...routes],
      programs.map((program) => [program.name, ...routes.map((route) => latencyCell(samplesOf(program, route)))]),
    ),
  ].join('\n\n');
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * Median and extremes.
 * @param {number[]} values
 * @param {number} digits
 */
export function spread(values, digits) {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits));
  return values.length > 1 ? `${middle} [${low}-${high}]` : `${middle}`;
}

/**
 * Ratios are taken within a round, whose figures are neighbours in time.
 * @param {Sample[]} samples
 * @param {Sample[]} base
 */
function ratioCell(samples, base) {
  return spread(
    samples.map((sample, round) => sample.cpuMicroseconds / (base[round]?.cpuMicroseconds ?? Number.NaN)),
    2,
  );
}

/** @param {Sample[]} samples */
function latencyCell(samples) {
  const middle = (/** @type {(sample: Sample) => number} */ of) => median(samples.map(of));
  const rate = middle((sample) => sample.requestsPerSecond).toFixed(0);
  return `${middle((sample) => sample.p50Ms).toFixed(1)} / ${middle((sample) => sample.p99Ms).toFixed(1)}, ${rate}/s`;
}

/**
 * @param {Measured} program
 * @param {string} route
 */
function samplesOf(program, route) {
  return program.samples[route] ?? [];
}
