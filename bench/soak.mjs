// npm run soak: hours of ordinary load, and whether memory, sockets, timers and database connections stay flat.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DatabaseServer, withClient } from './database.mjs';
import { fillDatabase, readOwners } from './dataset.mjs';
import { Inspector } from './inspector.mjs';
import { runLoad } from './load.mjs';
import { Program } from './program.mjs';
import { programSpec } from './programs.mjs';
import { table } from './report.mjs';
import { routes } from './routes.mjs';
import { randomNumbers } from './statistics.mjs';
import { verdict } from './trend.mjs';

const workDir = '.data/soak';
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '200' },
    interval: { type: 'string', default: '30' },
  },
});
const [minutes, rate, intervalSeconds] = [values.minutes, values.rate, values.interval].map(Number);
if (!minutes || !rate || !intervalSeconds) {
  console.error('npm run soak -- [--minutes N (30)] [--rate N requests a second (200)] [--interval N seconds (30)]');
  process.exit(2);
}

rmSync(workDir, { recursive: true, force: true });
mkdirSync(workDir, { recursive: true });
const server = await DatabaseServer.start(`${workDir}/postgres`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().finally(() => process.exit(1)));
}
try {
  const samples = await soak(minutes, rate, intervalSeconds);
  const findings = verdict(samples);
  writeFileSync(`${workDir}/soak.json`, `${JSON.stringify({ minutes, rate, samples, findings }, null, 2)}\n`);
  console.log(
    table(
      ['figure', 'first quarter', 'last quarter', 'a hour', 'R²', 'flat'],
      findings.map(({ name, first, last, perHour, fit, isFlat }) => [
        name,
        first.toFixed(1),
        last.toFixed(1),
        perHour.toFixed(2),
        fit.toFixed(2),
        isFlat ? 'yes' : '**no**',
      ]),
    ),
  );
  console.log(`${samples.length} samples, ${samples.at(-1)?.requests ?? 0} requests, 0 failed; ${workDir}/soak.json`);
  process.exitCode = findings.every(({ isFlat }) => isFlat) ? 0 : 1;
} finally {
  await server.stop();
}

/**
 * Loads the product and looks at it after each interval, once what is garbage has been collected.
 * @param {number} minutes
 * @param {number} rate requests a second, on average
 * @param {number} intervalSeconds
 */
async function soak(minutes, rate, intervalSeconds) {
  const url = await server.createDatabase('soak');
  await fillDatabase(url, { users: 200, rows: 20_000 });
  const owners = await readOwners(url);
  const random = randomNumbers(1);
  const { program } = await Program.start(
    programSpec('product', url, { nodeOptions: ['--inspect=127.0.0.1:0'] }),
    `${workDir}/logs`,
  );
  /** @type {import('./trend.mjs').Sample[]} */
  const samples = [];
  try {
    const inspector = await Inspector.connect(program.logFile);
    const requests = Math.max(1, Math.round(rate * intervalSeconds));
    const started = performance.now();
    for (let round = 1; performance.now() - started < minutes * 60_000; round++) {
      await runLoad({
        url: program.url,
        connections: 32,
        requests,
        nextRequest: () => (routes.mix ?? routes.health)?.(owners, random) ?? fail(),
      });
      await delay(Math.max(1000, started + round * intervalSeconds * 1000 - performance.now()));
      samples.push({
        hours: (performance.now() - started) / 3.6e6,
        requests: round * requests,
        ...(await look(inspector)),
      });
      process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`);
    }
    inspector.close();
  } finally {
    await program.stop();
  }
  return samples;

  /** @param {Inspector} inspector */
  async function look(inspector) {
    await inspector.send('HeapProfiler.collectGarbage');
    const expression = `JSON.stringify({ ...process.memoryUsage(), open: process.getActiveResourcesInfo() })`;
    const { result } = await inspector.send('Runtime.evaluate', { expression });
    const { heapUsed, external, rss, open } = JSON.parse(result.value);
    const count = (/** @type {RegExp} */ kind) => open.filter((/** @type {string} */ name) => kind.test(name)).length;
    const { rows } = await withClient(url, (client) =>
      client.query(`SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database()`),
    );
    return {
      heapMebibytes: heapUsed / 2 ** 20,
      externalMebibytes: external / 2 ** 20,
      residentMebibytes: rss / 2 ** 20,
      descriptors: readdirSync(`/proc/${program.pid}/fd`).length,
      sockets: count(/TCPSocketWrap|PipeWrap/),
      timers: count(/Timeout|Immediate/),
      connections: rows[0].count,
    };
  }
}

/** @returns {never} */
function fail() {
  throw new Error('There is no such route.');
}
