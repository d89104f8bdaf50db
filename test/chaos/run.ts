import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chaos, tableOf, type ChaosReport } from './chaos.js';
import { openWorld } from './world.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    seeds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
  },
});
const first = Number(values.seed);
const folder = resolve('.data/chaos');
mkdirSync(folder, { recursive: true });

const reports: ChaosReport[] = [];
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const world = await openWorld();
  for (const program of world.missing) print(`Without ${program}, which is not on the PATH: its faults are left out`);
  print(`Seed ${seed}: faults for ${values.seconds} s`);
  try {
    const report = await chaos(world, { seed, seconds: Number(values.seconds), folder });
    reports.push(report);
    print(`\n${tableOf(report)}\n`);
  } finally {
    await world.stop();
  }
}
const file = resolve(folder, 'report.json');
writeFileSync(file, `${JSON.stringify(reports, null, 2)}\n`);
const violations = reports.reduce((sum, report) => sum + report.violations.length, 0);
print(`${reports.length} seeds, ${violations} violations; all figures: ${file}`);
process.exitCode = violations === 0 ? 0 : 1;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
