import { median } from './statistics.mjs';

/**
 * @typedef {object} Sample what a process held at one time, after a collection of garbage
 * @property {number} hours since the start
 * @property {number} requests answered so far
 * @property {number} heapMebibytes
 * @property {number} externalMebibytes
 * @property {number} residentMebibytes
 * @property {number} descriptors
 * @property {number} sockets
 * @property {number} timers
 * @property {number} connections to the database
 *
 * @typedef {object} Finding
 * @property {string} name
 * @property {number} first median of the first quarter
 * @property {number} last median of the last quarter
 * @property {number} perHour slope of the line through all samples
 * @property {number} fit how much of the spread that line explains, 0 to 1 (R²)
 * @property {boolean} isFlat
 */

/** Caches fill and the compiler works at first; that is no leak. */
const warmupShare = 0.25;
/** What counts as growth: a slope, in units an hour, that a line explains well, and so much more at the end. */
const allowed = /** @type {const} */ ({
  heapMebibytes: { perHour: 1, growth: 1 },
  externalMebibytes: { perHour: 1, growth: 1 },
  descriptors: { perHour: 1, growth: 3 },
  sockets: { perHour: 1, growth: 3 },
  timers: { perHour: 1, growth: 3 },
  connections: { perHour: 1, growth: 3 },
});
const convincingFit = 0.5;

/**
 * @param {Sample[]} samples
 * @returns {Finding[]} the resident memory is not judged: the allocator gives it back when it likes
 */
export function verdict(samples) {
  const steady = samples.slice(Math.floor(samples.length * warmupShare));
  const quarter = Math.max(1, Math.floor(steady.length / 4));
  return Object.entries(allowed).map(([name, { perHour: most, growth }]) => {
    const values = steady.map((sample) => sample[/** @type {keyof typeof allowed} */ (name)]);
    const hours = steady.map((sample) => sample.hours);
    const first = median(values.slice(0, quarter));
    const last = median(values.slice(-quarter));
    const { slope, fit } = line(hours, values);
    return {
      name,
      first,
      last,
      perHour: slope,
      fit,
      isFlat: last - first <= growth || slope <= most || fit < convincingFit,
    };
  });
}

/**
 * Least squares.
 * @param {number[]} xs
 * @param {number[]} ys
 */
export function line(xs, ys) {
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const sum = (/** @type {(x: number, y: number) => number} */ of) =>
    xs.reduce((total, x, at) => total + of(x - meanX, (ys[at] ?? 0) - meanY), 0);
  const [xx, xy, yy] = [sum((x) => x * x), sum((x, y) => x * y), sum((_x, y) => y * y)];
  return { slope: xx > 0 ? xy / xx : 0, fit: xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : 0 };
}
