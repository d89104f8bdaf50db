import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.js';
import type { Instance, World } from './world.js';

/** Something that goes wrong and is over when `inject` resolves. Add one here, and every run may meet it. */
export interface Fault {
  readonly name: string;
  /** Whether this world has what it takes. */
  isPossible?(world: World): boolean;
  inject(world: World, random: Random): Promise<void>;
}

const hasRedis = (world: World) => world.redis !== undefined;
/** With one instance down the other must be reached. */
const hasNginx = (world: World) => !world.missing.includes('nginx');

export const faults: readonly Fault[] = [
  {
    name: 'postgres: kill -9 and restart',
    inject: async ({ postgres }, random) => {
      await postgres.kill();
      await delay(random.between(200, 1500));
      await postgres.start();
    },
  },
  {
    name: 'postgres: SIGSTOP',
    inject: async ({ postgres }, random) => {
      postgres.pause();
      await delay(random.between(500, 4000));
      postgres.resume();
    },
  },
  {
    name: 'postgres: all sessions ended',
    inject: async ({ postgres }) => {
      for (let round = 0; round < 3; round++) {
        await postgres.dropSessions();
        await delay(300);
      }
    },
  },
  {
    name: 'postgres: read-only',
    inject: async ({ postgres }, random) => {
      await postgres.sql('ALTER DATABASE mainstay SET default_transaction_read_only = on');
      await postgres.dropSessions();
      await delay(random.between(300, 1500));
      await postgres.sql('BEGIN READ WRITE; ALTER DATABASE mainstay RESET default_transaction_read_only; COMMIT');
      await postgres.dropSessions();
    },
  },
  {
    name: 'network to postgres: reset',
    inject: async ({ postgresProxy }) => {
      postgresProxy.reset();
      await delay(200);
    },
  },
  {
    name: 'network to postgres: silent',
    inject: async ({ postgresProxy }) => {
      postgresProxy.silence();
      // Until the clients have given these connections up.
      await delay(3000);
    },
  },
  {
    name: 'network to postgres: slow',
    inject: ({ postgresProxy }, random) => slow(postgresProxy, random.between(20, 200), random),
  },
  {
    name: 'redis: kill -9 and restart',
    isPossible: hasRedis,
    inject: async ({ redis }, random) => {
      process.kill(redis!.pid, 'SIGKILL');
      await delay(random.between(200, 2000));
      await redis!.restart();
    },
  },
  {
    name: 'redis: SIGSTOP',
    isPossible: hasRedis,
    inject: async ({ redis }, random) => {
      process.kill(redis!.pid, 'SIGSTOP');
      await delay(random.between(500, 3000));
      process.kill(redis!.pid, 'SIGCONT');
    },
  },
  {
    name: 'network to redis: slow',
    isPossible: hasRedis,
    inject: ({ redisProxy }, random) => slow(redisProxy!, random.between(50, 300), random),
  },
  {
    name: 'network to redis: reset',
    isPossible: hasRedis,
    inject: async ({ redisProxy }) => {
      redisProxy!.reset();
      await delay(200);
    },
  },
  {
    name: 'instance: kill -9 and restart',
    isPossible: hasNginx,
    inject: (world, random) => replace(world, random.oneOf(world.instances), 'SIGKILL'),
  },
  {
    name: 'instance: SIGTERM and restart',
    isPossible: hasNginx,
    inject: (world, random) => replace(world, random.oneOf(world.instances), 'SIGTERM'),
  },
  {
    name: 'worker: kill -9',
    inject: async (world, random) => {
      const workers = world.instances.flatMap((instance) => world.workersOf(instance));
      process.kill(random.oneOf(workers), 'SIGKILL');
      await delay(500);
    },
  },
  {
    name: 'workers: SIGHUP',
    inject: async ({ instances }) => {
      process.kill(instances.find(({ workers }) => workers > 1)!.product.pid, 'SIGHUP');
      await delay(3000);
    },
  },
];

async function slow(proxy: { delayMs: number }, ms: number, random: Random): Promise<void> {
  proxy.delayMs = ms;
  await delay(random.between(500, 2000));
  proxy.delayMs = 0;
}

async function replace(world: World, instance: Instance, signal: NodeJS.Signals): Promise<void> {
  instance.isDown = true;
  const workers = world.workersOf(instance);
  await instance.product.stop(signal);
  // What a supervisor leaves behind when it is killed must be gone before its port is taken anew.
  for (const pid of workers) await gone(pid);
  await world.restart(instance);
}

async function gone(pid: number): Promise<void> {
  for (let round = 0; round < 200; round++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(50);
  }
  throw new Error(`The worker ${pid} outlives its supervisor`);
}
