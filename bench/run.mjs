// npm run bench: what a request costs here and elsewhere. See README.md beside this file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseServer } from './database.mjs';
import { readOptions } from './options.mjs';
import { ablate, compare, scale } from './modes.mjs';
import { profile } from './profile.mjs';
import { writeResults } from './results.mjs';

const workDir = '.data/bench';
const options = readOptions(process.argv.slice(2));
const report = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

report('Building');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'bench/peers/nest-starter/tsconfig.json'], {
  stdio: ['ignore', process.stderr.fd, 'inherit'],
});
mkdirSync(workDir, { recursive: true });

report('Starting PostgreSQL');
const server = await DatabaseServer.start(`${workDir}/postgres`);
// Whoever interrupts a run finds no server of it afterwards; the programs end with this process.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().finally(() => process.exit(1)));
}
let outcome;
try {
  const mode = { compare, ablate, scale, profile }[options.mode];
  outcome = await mode({ server, options, logDir: `${workDir}/logs`, report });
} finally {
  await server.stop();
}
// After a fault they stay, for whoever looks into it.
rmSync(`${workDir}/logs`, { recursive: true, force: true });

process.stdout.write(`\n${outcome.text}\n`);
const figuresFile = `${workDir}/${options.mode}.json`;
writeFileSync(figuresFile, `${JSON.stringify(outcome.figures, null, 2)}\n`);
report(`\nAll figures: ${figuresFile}`);
if (options.write) await writeResults(options, outcome);
