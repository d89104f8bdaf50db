import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { Load } from '../support/load.js';
import { startNginx } from '../support/nginx.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { startProduct, type Product } from '../support/product.js';
import { signUp } from './sign-up.js';
import { childrenOf } from './world.js';

// Processes that are replaced while clients go on, and what those see: `npm run test:replacements`. Needs nginx.

const enough = 20_000;
const patienceMs = 60_000;

interface Figures {
  readonly answered: number;
  readonly statuses: Readonly<Record<number, number>>;
  readonly failures: readonly string[];
  readonly replaced: number;
  /** Ids of created items that the database has not. */
  readonly lost: number;
}

const postgres = await OwnPostgres.create();
await postgres.start();
const databaseUrl = postgres.url;
const settings = { DATABASE_URL: databaseUrl, DATABASE_POOL_MIN: '2', GRACEFUL_TIMEOUT: '20' };

let wrong = 0;
try {
  await tell('SIGTERM and restart of each of two instances in turn, behind nginx', true, await rolling('SIGTERM'));
  await tell('20 reloads (SIGHUP) of two workers', true, await reloads(20));
  await tell('two workers, recycled after 500 requests', true, await recycling());
  await tell(
    'a worker killed (SIGKILL) every 2 s for 60 s, two instances of two workers behind nginx',
    false,
    await killings(60),
  );
} finally {
  await postgres.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;

/** Every second request creates an item; half of the lanes open a connection for each request. */
async function drive(url: string, replace: (load: Load) => Promise<number>): Promise<Figures> {
  const headers = { ...(await signUp(url)), 'content-type': 'application/json' };
  const created: string[] = [];
  let sent = 0;
  const load = new Load(Number(new URL(url).port), {
    keepAlive: 6,
    fresh: 6,
    next: () => {
      sent++;
      if (sent % 2 === 0) return { path: '/api/v1/items', headers };
      return {
        path: '/api/v1/items',
        method: 'POST',
        headers,
        body: JSON.stringify({ title: `No. ${sent}`, price: '5' }),
      };
    },
    answered: (status, body) => {
      if (status === 201) created.push((JSON.parse(body) as { id: string }).id);
    },
  });
  const replaced = await replace(load);
  await load.stop();
  const kept = await postgres.sql<{ id: string }>('SELECT id FROM items');
  const ids = new Set(kept.map(({ id }) => id));
  const lost = created.filter((id) => !ids.has(id)).length;
  return { answered: load.answered, statuses: load.statuses, failures: load.failures, replaced, lost };
}

async function rolling(signal: NodeJS.Signals): Promise<Figures> {
  const ports = [String(await freePort()), String(await freePort())];
  const launch = (port: string) => startProduct({ ...settings, PORT: port, DRAIN_DELAY: '1' });
  const products = await Promise.all(ports.map(launch));
  const nginx = await startNginx(...products.map(({ url }) => url));
  try {
    return await drive(nginx.url, async (load) => {
      let replaced = 0;
      while (load.answered < enough) {
        const turn = replaced++ % 2;
        await products[turn]!.stop(signal);
        products[turn] = await launch(ports[turn]!);
      }
      return replaced;
    });
  } finally {
    await nginx.stop();
    await stopAll(products);
  }
}

async function reloads(count: number): Promise<Figures> {
  const product = await startProduct({ ...settings, WEB_CONCURRENCY: '2' });
  const done = () => product.lines().filter(({ event }) => event === 'reloaded').length;
  try {
    return await drive(product.url, async (load) => {
      for (let round = 1; round <= count; round++) {
        process.kill(product.pid, 'SIGHUP');
        await eventually(() => done() === round, patienceMs);
      }
      await eventually(() => load.answered >= enough, patienceMs);
      return count * 2;
    });
  } finally {
    await stopAll([product]);
  }
}

async function recycling(): Promise<Figures> {
  const product = await startProduct({
    ...settings,
    WEB_CONCURRENCY: '2',
    MAX_REQUESTS: '500',
    METRICS_PORT: String(await freePort()),
  });
  try {
    return await drive(product.url, async (load) => {
      await eventually(() => load.answered >= enough, 5 * patienceMs);
      return restartsOf(product);
    });
  } finally {
    await stopAll([product]);
  }
}

async function killings(seconds: number): Promise<Figures> {
  const products = await Promise.all([1, 2].map(() => startProduct({ ...settings, WEB_CONCURRENCY: '2' })));
  const nginx = await startNginx(...products.map(({ url }) => url));
  try {
    return await drive(nginx.url, async () => {
      let killed = 0;
      for (let second = 0; second < seconds; second += 2) {
        const [worker] = childrenOf(products[killed % 2]!.pid);
        if (worker) process.kill(worker, 'SIGKILL');
        killed++;
        for (let probe = 0; probe < 20; probe++) {
          const { status } = await fetch(`${nginx.url}/health/live`);
          if (status !== 200) throw new Error(`Liveness answered ${status}`);
          await delay(100);
        }
      }
      return killed;
    });
  } finally {
    await nginx.stop();
    await stopAll(products);
  }
}

function restartsOf(product: Product): number {
  return product.lines().filter(({ event }) => event === 'worker_replaced').length;
}

async function stopAll(products: readonly Product[]): Promise<void> {
  for (const product of products) await product.stop();
}

async function tell(name: string, mustAllSucceed: boolean, figures: Promise<Figures> | Figures): Promise<void> {
  const { answered, statuses, failures, replaced, lost } = await figures;
  const failed =
    failures.length +
    Object.entries(statuses).reduce((sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0), 0);
  const isWrong = lost > 0 || (mustAllSucceed && failed > 0);
  if (isWrong) wrong++;
  print(
    `${isWrong ? 'FAILED  ' : 'ok      '}${name}: ${failed} of ${answered + failures.length} requests failed, ${replaced} replaced, ${lost} acknowledged writes lost`,
  );
  print(`        ${JSON.stringify(statuses)}`);
  for (const failure of failures.slice(0, 5)) print(`        ${failure}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
