import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { HttpClient } from '../support/client.js';
import { ContractCheck } from '../support/contract-check.js';
import { startProduct } from '../support/product.js';
import { fuzz, tableOf } from './fuzz.js';

interface Target {
  readonly url: string;
  readonly adminToken?: string;
  /** What a server of the run's own has logged as an error. */
  errors(): string[];
  /** Answers whether the process that was started is the one that still runs, and ends it. */
  stop(): Promise<boolean>;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    requests: { type: 'string', default: '20000' },
  },
});
const seed = Number(values.seed);
const requests = Number(values.requests);

const target = process.env.FUZZ_URL ? givenTarget(process.env.FUZZ_URL) : await ownTarget();
const check = await ContractCheck.of(target.url);
const client = new HttpClient(target.url, check);
print(`Fuzzing ${target.url} with seed ${seed}: ${requests} requests`);
const report = await fuzz({
  client,
  document: check.document,
  seed,
  requests,
  adminToken: target.adminToken,
  onProgress: (sent) => sent % 5000 === 0 && print(`${sent} requests sent`),
});
const isLive = (await client.get('/health/live')).status === 200;
client.close();
const isUnharmed = await target.stop();

print(tableOf(report));
for (const breach of report.breaches) print(`\nBREACH\n${breach}`);
for (const line of target.errors().slice(0, 20)) print(`\nLOG ${line}`);
print(
  `seed ${seed}: ${report.sent} requests in ${report.seconds.toFixed(1)} s, ${report.breaches.length} breaches, ` +
    (isLive && isUnharmed ? 'the process is alive' : 'THE PROCESS DIED'),
);
process.exitCode = report.breaches.length === 0 && isLive && isUnharmed && report.sent >= requests ? 0 : 1;

/** A server that runs already, without limits. FUZZ_ADMIN_TOKEN lets the run see what is for administrators. */
function givenTarget(url: string): Target {
  return {
    url: url.replace(/\/$/, ''),
    adminToken: process.env.FUZZ_ADMIN_TOKEN,
    errors: () => [],
    stop: () => Promise.resolve(true),
  };
}

/** A product of the run's own, on an empty database. */
async function ownTarget(): Promise<Target> {
  const { startEmbeddedPostgres } = (await import(
    pathToFileURL(resolve('dist/database/embedded/embedded-postgres.js')).href
  )) as { startEmbeddedPostgres(options: object): Promise<{ url: string; stop(): Promise<void> }> };
  const postgres = await startEmbeddedPostgres({ dataDir: resolve('.data/fuzz'), unsafeFast: true });
  await execute(postgres.url, 'DROP DATABASE IF EXISTS fuzz WITH (FORCE)');
  await execute(postgres.url, 'CREATE DATABASE fuzz');
  const databaseUrl = Object.assign(new URL(postgres.url), { pathname: '/fuzz' }).href;
  const product = await startProduct({ DATABASE_URL: databaseUrl, DATABASE_POOL_MAX: '10' });
  return {
    url: product.url,
    adminToken: await createAdmin(product.url, databaseUrl),
    errors: () => product.stdout.split('\n').filter((line) => line.includes('"event":"problem"')),
    stop: async () => {
      const code = await product.stop();
      await postgres.stop();
      return code === 0;
    },
  };
}

async function createAdmin(url: string, databaseUrl: string): Promise<string> {
  const client = new HttpClient(url, undefined);
  const credentials = { username: 'fuzz_admin', password: 'Quiet-Harbour-47' };
  await client.post('/api/v1/auth/register', { ...credentials, email: 'fuzz_admin@example.test' });
  await execute(databaseUrl, `UPDATE users SET roles = '{user,admin}' WHERE username = 'fuzz_admin'`);
  const { body } = await client.post<{ accessToken: string }>('/api/v1/auth/login', credentials);
  client.close();
  return body.accessToken;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
