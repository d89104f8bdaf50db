import { execFileSync, spawnSync } from 'node:child_process';
import { freePort } from '../support/free-port.js';
import { startNginx, type Nginx } from '../support/nginx.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { startProduct, type Product } from '../support/product.js';
import { startTestRedis, type OwnRedis } from '../support/redis.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const has = (program: string, flag: string) => spawnSync(program, [flag]).status === 0;

/** One instance of the product on a port of its own, which outlives the process. */
export interface Instance {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** Of its workers, 1 when it serves by itself. */
  readonly workers: number;
  product: Product;
  /** Whether a fault has taken it down on purpose. */
  isDown: boolean;
}

/** All that a run hurts: a database and a Redis behind proxies, two instances, and nginx before them. */
export interface World {
  readonly url: string;
  readonly postgres: OwnPostgres;
  readonly postgresProxy: TcpProxy;
  readonly redis?: OwnRedis;
  readonly redisProxy?: TcpProxy;
  readonly instances: readonly Instance[];
  /** What the run goes without. */
  readonly missing: readonly string[];
  /** Starts an instance that is down, on the same port. */
  restart(instance: Instance): Promise<void>;
  workersOf(instance: Instance): number[];
  stop(): Promise<void>;
}

/** Starts what is on the PATH; PostgreSQL is there or embedded. */
export async function openWorld(): Promise<World> {
  const hasRedis = has('redis-server', '--version');
  const hasNginx = has('nginx', '-v');
  const missing = [...(hasRedis ? [] : ['redis-server']), ...(hasNginx ? [] : ['nginx'])];
  const postgres = await OwnPostgres.create();
  await postgres.start();
  const postgresProxy = await startTcpProxy(postgres.port);
  const redis = hasRedis ? await startTestRedis() : undefined;
  const redisProxy = redis && (await startTcpProxy(Number(new URL(redis.url).port)));
  const settings = {
    DATABASE_URL: Object.assign(new URL(postgres.url), { host: `127.0.0.1:${postgresProxy.port}` }).href,
    DATABASE_POOL_MIN: '2',
    DATABASE_POOL_MAX: '6',
    DATABASE_CONNECT_TIMEOUT: '1',
    DATABASE_STATEMENT_TIMEOUT: '2',
    GRACEFUL_TIMEOUT: '10',
    ...(redisProxy && { REDIS_URL: `redis://127.0.0.1:${redisProxy.port}` }),
  };

  const launch = (port: number, workers: number) =>
    startProduct({ ...settings, PORT: String(port), WEB_CONCURRENCY: String(workers) });
  const instances: Instance[] = [];
  for (const [name, workers] of [
    ['a', 2],
    ['b', 1],
  ] as const) {
    const port = await freePort();
    const product = await launch(port, workers);
    instances.push({ name, port, url: `http://127.0.0.1:${port}`, workers, product, isDown: false });
  }
  const nginx: Nginx | undefined = hasNginx ? await startNginx(...instances.map(({ url }) => url)) : undefined;

  return {
    url: nginx?.url ?? instances[0]!.url,
    postgres,
    postgresProxy,
    redis,
    redisProxy,
    instances,
    missing,
    restart: async (instance) => {
      instance.product = await launch(instance.port, instance.workers);
      instance.isDown = false;
    },
    workersOf: ({ product, workers }) => (workers === 1 ? [] : childrenOf(product.pid)),
    stop: async () => {
      await nginx?.stop();
      for (const { product } of instances) await product.stop('SIGKILL');
      await redisProxy?.stop();
      await redis?.stop();
      await postgresProxy.stop();
      await postgres.remove();
    },
  };
}

/** The processes that it has started, the oldest first. */
export function childrenOf(parent: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='])
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid = 0]) => pid)
    .sort((a, b) => a - b);
}
