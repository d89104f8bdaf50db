import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { CacheService } from '../src/cache/cache.service.js';
import { RedisCacheStore } from '../src/cache/redis-cache.store.js';
import type { RedisService } from '../src/redis/redis.service.js';
import { eventually } from './support/eventually.js';
import { describeWithOwnRedis, startTestRedis, type OwnRedis } from './support/redis.js';
import { createRedisService } from './support/redis-service.js';

interface Instance {
  readonly redis: RedisService;
  readonly store: RedisCacheStore;
  readonly cache: CacheService;
  readonly requests: Counter<'result'>;
}

/** A load that a test ends when it likes. */
class ManualLoad<T> {
  calls = 0;
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  readonly load = (): Promise<T> => {
    this.calls += 1;
    return new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }));
  };

  begun(): Promise<number> {
    return eventually(() => this.calls > 0);
  }
}

describeWithOwnRedis('the cache in Redis', () => {
  let server: OwnRedis;
  let one: Instance;
  let two: Instance;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    server = await startTestRedis();
    [one, two] = await Promise.all([connect(), connect()]);
  });

  afterEach(async () => {
    await Promise.all([one, two].map(({ redis }) => redis.onApplicationShutdown()));
    await server.stop();
  });

  async function connect(): Promise<Instance> {
    const { redis } = await createRedisService(server.url);
    await redis.connect();
    const requests = new Counter({
      name: 'requests',
      help: 'test',
      labelNames: ['result'] as const,
      registers: [new Registry()],
    });
    const store = new RedisCacheStore(redis);
    return { redis, store, requests, cache: new CacheService(store, requests) };
  }

  function keys(): Promise<string[]> {
    return two.redis.run((client) => client.keys('*'));
  }

  /** Stops Redis, and waits until `one` knows and sends nothing any more. */
  async function stop(): Promise<void> {
    process.kill(server.pid, 'SIGSTOP');
    await one.redis.ping();
    expect(one.redis.isAvailable).toBe(false);
  }

  it('is shared by two instances', async () => {
    await one.cache.set('key', { title: 'Ä' }, 60);
    expect(await two.cache.get('key')).toEqual({ title: 'Ä' });
    await two.cache.delete('key');
    expect(await one.cache.get('key')).toBeUndefined();
  });

  it('forgets a value at the end of its life', async () => {
    await one.cache.set('key', 1, 0.05);
    await eventually(async () => (await two.cache.get('key')) === undefined);
    expect(await keys()).toEqual([]);
  });

  it('F4: leaves no key without an expiry, neither of a value nor of a load that goes on', async () => {
    const manual = new ManualLoad<number>();
    const reader = one.cache.getOrLoad('loading', 60, manual.load);
    await manual.begun();
    await one.cache.set('set', 1, 60);
    await one.cache.getOrLoad('loaded', 60, () => Promise.resolve(1));
    const names = await keys();
    expect(names).toHaveLength(3);
    for (const name of names) {
      const remaining = await two.redis.run((client) => client.pttl(name.replace('test:', '')));
      expect(remaining).toBeGreaterThan(0);
    }
    manual.resolve(1);
    await reader;
    expect((await keys()).filter((name) => name.includes('lease'))).toEqual([]);
  });

  it('loads once for 100 who ask two instances at the same time', async () => {
    const manual = new ManualLoad<number>();
    const readers = Array.from({ length: 100 }, (_, reader) =>
      (reader % 2 ? one : two).cache.getOrLoad('key', 60, manual.load),
    );
    await manual.begun();
    await delay(50);
    manual.resolve(7);
    expect(await Promise.all(readers)).toEqual(Array(100).fill(7));
    expect(manual.calls).toBe(1);
  });

  it('lets another instance load at once when a load has failed', async () => {
    const failing = new ManualLoad<number>();
    const loser = one.cache.getOrLoad('key', 60, failing.load);
    await failing.begun();
    const other = two.cache.getOrLoad('key', 60, () => Promise.resolve(8));
    failing.reject(new Error('no such thing'));
    const failedAt = performance.now();
    await expect(loser).rejects.toThrow('no such thing');
    expect(await other).toBe(8);
    expect(performance.now() - failedAt).toBeLessThan(500);
    expect(await one.cache.get('key')).toBe(8);
  });

  it('waits for an instance that died while loading no longer than a second, and stores then', async () => {
    expect(await one.store.getOrLease('key')).toHaveProperty('lease');
    expect(await two.cache.getOrLoad('key', 60, () => Promise.resolve(9))).toBe(9);
    expect(await one.cache.get('key')).toBe(9);
  });

  it('never stores what began to load before another instance deleted or set the key', async () => {
    for (const invalidate of [() => two.cache.delete('key'), () => two.cache.set('key', 'new', 60)]) {
      const old = new ManualLoad<string>();
      const reader = one.cache.getOrLoad('key', 60, old.load);
      await old.begun();
      await invalidate();
      old.resolve('old');
      expect(await reader).toBe('old');
      expect(await one.cache.get('key')).not.toBe('old');
    }
  });

  it('never stores a value from before a change, in a race of readers and writers over two instances', async () => {
    let version = 0;
    let invalidated = 0;
    const ahead: number[] = [];
    const load = async () => {
      const seen = version;
      await delay(Math.random() * 5);
      return seen;
    };
    const read = async ({ cache }: Instance) => {
      for (let round = 0; round < 200; round++) {
        await cache.getOrLoad('key', 60, load);
        const newest = invalidated;
        const stored = await cache.get<number>('key');
        if (stored !== undefined) ahead.push(stored - newest);
        await delay(Math.random() * 3);
      }
    };
    const write = async ({ cache }: Instance) => {
      for (let round = 0; round < 60; round++) {
        const written = ++version;
        await cache.delete('key');
        invalidated = Math.max(invalidated, written);
        await delay(Math.random() * 20);
      }
    };
    await Promise.all([read(one), read(one), read(two), read(two), write(one), write(two)]);
    expect(ahead.length).toBeGreaterThan(100);
    expect(Math.min(...ahead)).toBeGreaterThanOrEqual(0);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('R6: loads each time after a %s of Redis; no call fails', async (signal) => {
    await one.cache.set('key', 1, 60);
    process.kill(server.pid, signal);
    expect(await Promise.all(Array.from({ length: 50 }, () => one.cache.get('key')))).toEqual(
      Array(50).fill(undefined),
    );
    let loads = 0;
    for (let reader = 0; reader < 20; reader++) {
      expect(await one.cache.getOrLoad('key', 60, () => Promise.resolve(++loads))).toBe(loads);
    }
    expect(loads).toBe(20);
    expect((await one.requests.get()).values).toEqual([{ labels: { result: 'error' }, value: 70 }]);

    if (signal === 'SIGSTOP') process.kill(server.pid, 'SIGCONT');
    else await server.restart();
    await eventually(() => one.redis.isAvailable);
    await one.cache.delete('key');
    await one.cache.getOrLoad('key', 60, () => Promise.resolve(1));
    expect(await one.cache.getOrLoad('key', 60, () => Promise.resolve(2))).toBe(1);
  });

  it('R6: makes up for a delete that fell into an outage, without being asked', async () => {
    await one.cache.set('key', 'old', 60);
    await stop();
    await one.cache.delete('key');
    process.kill(server.pid, 'SIGCONT');
    await eventually(() => one.redis.isAvailable);
    expect(await one.cache.get('key')).toBeUndefined();
    await eventually(async () => (await two.cache.get('key')) === undefined);
  });

  it('R6: makes up for more deletes than fit in one command', async () => {
    const names = Array.from({ length: 2500 }, (_, name) => `key-${name}`);
    await Promise.all(names.map((name) => one.cache.set(name, 'old', 60)));
    await stop();
    await one.cache.delete(...names);
    process.kill(server.pid, 'SIGCONT');
    await eventually(() => two.redis.ping());
    await eventually(async () => (await keys()).length === 0);
  });

  it('R6: does not let a set that Redis runs late come over a newer value', async () => {
    process.kill(server.pid, 'SIGSTOP');
    await one.cache.set('key', 'late', 60);
    process.kill(server.pid, 'SIGCONT');
    await eventually(() => one.redis.isAvailable);
    expect(await one.cache.get('key')).toBeUndefined();
  });
});
