import { parseArgs } from 'node:util';
import { programNames } from './programs.mjs';
import { routeNames } from './routes.mjs';

/**
 * @typedef {object} Options
 * @property {'compare' | 'ablate' | 'scale' | 'profile'} mode
 * @property {string[]} targets names of the programs
 * @property {string[]} routes names of the routes
 * @property {number} rounds
 * @property {number} requests a route, program and round
 * @property {number} warmup requests a route and program before the first round
 * @property {number} connections kept open, each with one request at a time
 * @property {number} users
 * @property {number} rows items in the database
 * @property {number} starts of each program, for the start time
 * @property {boolean} write whether bench/RESULTS.md and bench/results.json are replaced
 */

const usage = `npm run bench -- [options]

  --targets a,b     programs to measure: ${programNames.join(', ')}
  --routes a,b      ${routeNames.join(', ')}
  --rounds N        interleaved rounds (5)
  --requests N      requests a route, program and round (6000)
  --warmup N        requests a route and program before the first round (30000)
  --connections N   concurrent connections (32)
  --rows N          items in the database (200000), of 1,000 users
  --quick           a smoke run of a few seconds: are all programs up and right? Its figures say nothing
  --ablate          the product with each switch of bench/mechanisms.json off in turn
  --scale           the product on 20 thousand, 200 thousand and 2 million items, and page 5,000 of a list
  --profile         where the CPU time of the product (or of --targets) goes, by package and file
  --write           replace bench/RESULTS.md and bench/results.json`;

const modes = /** @type {const} */ (['ablate', 'scale', 'profile']);

/**
 * Reads the command line; on --help or a fault prints the usage and exits.
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  try {
    return parse(args);
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${usage}`);
    process.exit(2);
  }
}

/**
 * @param {string[]} args
 * @returns {Options}
 */
function parse(args) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    args,
    options: {
      targets: text,
      routes: text,
      rounds: text,
      requests: text,
      warmup: text,
      connections: text,
      rows: text,
      quick: flag,
      ablate: flag,
      scale: flag,
      profile: flag,
      write: flag,
      help: flag,
    },
  });
  if (values.help) throw new Error('Measures the product against its peers.');
  const chosen = modes.filter((mode) => values[mode]);
  if (chosen.length > 1) throw new Error(`Choose one of ${chosen.map((mode) => `--${mode}`).join(', ')}.`);
  if (values.quick && values.write) throw new Error('The figures of --quick are not worth writing.');
  const quick = values.quick;
  const defaultTargets = values.profile ? 'product' : 'express-bare,nest-starter,product';
  return {
    mode: chosen[0] ?? 'compare',
    targets: names('targets', values.targets ?? defaultTargets, programNames),
    routes: names('routes', values.routes ?? routeNames.join(','), routeNames),
    rounds: count('rounds', values.rounds ?? (quick ? '1' : '5')),
    requests: count('requests', values.requests ?? (quick ? '300' : '6000')),
    // V8 compiles until then, on threads of its own that count; servers run longer than that.
    warmup: count('warmup', values.warmup ?? (quick ? '100' : '30000')),
    connections: count('connections', values.connections ?? '32'),
    users: quick ? 50 : 1000,
    rows: count('rows', values.rows ?? (quick ? '5000' : '200000')),
    starts: quick ? 1 : 3,
    write: values.write,
  };
}

/**
 * @param {string} option
 * @param {string} value
 */
function count(option, value) {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${option} must be a whole number above 0.`);
  return Number(value);
}

/**
 * @param {string} option
 * @param {string} value
 * @param {readonly string[]} known
 */
function names(option, value, known) {
  const list = value.split(',');
  const unknown = list.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--${option} does not know ${unknown.join(', ')}.`);
  return list;
}
