import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { RedisService } from '../src/redis/redis.service.js';
import { MemoryThrottlerStorage } from '../src/throttling/memory-throttler.storage.js';
import { RedisThrottlerStorage } from '../src/throttling/redis-throttler.storage.js';
import { ResilientThrottlerStorage } from '../src/throttling/resilient-throttler.storage.js';
import { eventually } from './support/eventually.js';
import { describeWithOwnRedis, startTestRedis, type OwnRedis } from './support/redis.js';
import { createRedisService } from './support/redis-service.js';

describeWithOwnRedis('limits in Redis', () => {
  let server: OwnRedis;
  let instances: RedisService[];

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(async () => {
    server = await startTestRedis();
    instances = [];
  });

  afterEach(async () => {
    await Promise.all(instances.map((redis) => redis.onApplicationShutdown()));
    await server.stop();
  });

  async function connect(): Promise<RedisService> {
    const { redis } = await createRedisService(server.url);
    instances.push(redis);
    await redis.connect();
    return redis;
  }

  async function expectAllKeysExpire(redis: RedisService, count: number): Promise<void> {
    const keys = await redis.run((client) => client.keys('*'));
    expect(keys).toHaveLength(count);
    for (const key of keys) {
      expect(await redis.run((client) => client.pttl(key.replace('test:', '')))).toBeGreaterThan(0);
    }
  }

  describe('RedisThrottlerStorage', () => {
    it('F3: of 200 parallel hits from 8 instances exactly 20 pass a limit of 20', async () => {
      const storages = await Promise.all(
        Array.from({ length: 8 }, async () => new RedisThrottlerStorage(await connect())),
      );
      const records = await Promise.all(
        Array.from({ length: 200 }, (_, hit) => storages[hit % 8]!.increment('anonymous:192.0.2.1', 60_000, 20)),
      );
      expect(records.filter((record) => !record.isBlocked)).toHaveLength(20);
      expect(records.map((record) => record.totalHits).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 200 }, (_, hit) => hit + 1),
      );
      for (const record of records) expect(record.timeToExpire).toBe(60);
    });

    it('opens a new window when Redis says that the old one is over', async () => {
      const redis = await connect();
      const storage = new RedisThrottlerStorage(redis);
      await storage.increment('key', 60_000, 1);
      expect((await storage.increment('key', 60_000, 1)).isBlocked).toBe(true);
      await redis.run((client) => client.pexpire('limit:key', 1));
      await eventually(async () => (await redis.run((client) => client.exists('limit:key'))) === 0);
      expect((await storage.increment('key', 60_000, 1)).isBlocked).toBe(false);
    });

    it('F4: mends a key that has no expiry or a longer one than the limit has now', async () => {
      const redis = await connect();
      const storage = new RedisThrottlerStorage(redis);
      await redis.run((client) => client.mset({ 'limit:eternal': 3, 'limit:long': 3 }));
      await redis.run((client) => client.pexpire('limit:long', 86_400_000));
      expect((await storage.increment('eternal', 60_000, 9)).timeToExpire).toBe(60);
      expect((await storage.increment('long', 60_000, 9)).timeToExpire).toBe(60);
      await expectAllKeysExpire(redis, 2);
    });

    it('F4: leaves no key without expiry when connections break in the middle of hits', async () => {
      const { client, redis } = await createRedisService(server.url);
      instances.push(redis);
      await redis.connect();
      const storage = new RedisThrottlerStorage(redis);
      let lost = 0;
      for (let round = 0; round < 10; round++) {
        const hits = Promise.allSettled(
          Array.from({ length: 300 }, (_, key) => storage.increment(`${round}-${key}`, 60_000, 20)),
        );
        for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
        client.stream.destroy();
        lost += (await hits).filter((hit) => hit.status === 'rejected').length;
        await eventually(() => redis.ping());
      }
      expect(lost).toBeGreaterThan(0);
      const keys = await redis.run((client) => client.keys('*'));
      expect(keys.length).toBeGreaterThan(10);
      await expectAllKeysExpire(redis, keys.length);
    });
  });

  describe('ResilientThrottlerStorage', () => {
    let redis: RedisService;
    let storage: ResilientThrottlerStorage;
    let fallbacks: Counter;

    beforeEach(async () => {
      redis = await connect();
      fallbacks = new Counter({ name: 'fallbacks', help: 'test', registers: [new Registry()] });
      const shared = new RedisThrottlerStorage(redis);
      storage = new ResilientThrottlerStorage(redis, shared, new MemoryThrottlerStorage(), fallbacks);
    });

    async function passes(limiter: string, attempts: number): Promise<number> {
      const records = await Promise.all(
        Array.from({ length: attempts }, () => storage.increment(`${limiter}:client`, 60_000, 20, 60_000, limiter)),
      );
      return records.filter((record) => !record.isBlocked).length;
    }

    it.each(['SIGKILL', 'SIGSTOP'] as const)(
      'F5: after a %s of Redis goes on with less, never fails, and shares limits again when it is back',
      async (signal) => {
        process.kill(server.pid, signal);
        expect(await passes('anonymous', 200)).toBe(10);
        expect(await passes('login', 200)).toBe(5);
        expect((await fallbacks.get()).values[0]?.value).toBe(400);

        if (signal === 'SIGSTOP') process.kill(server.pid, 'SIGCONT');
        else await server.restart();
        expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
        await passes('authenticated', 200);
        expect(await redis.run((client) => client.get('limit:authenticated:client'))).toBe('200');
      },
    );

    it('F5: goes on with less while Redis has no memory left', async () => {
      await redis.run((client) => client.config('SET', 'maxmemory', '1'));
      expect(await passes('anonymous', 200)).toBe(10);
      await redis.run((client) => client.config('SET', 'maxmemory', '0'));
      expect(await passes('authenticated', 200)).toBe(20);
    });

    it('F5: logins stay within their limit in one process though Redis comes back empty again and again', async () => {
      let passed = 0;
      for (let outage = 0; outage < 3; outage++) {
        passed += await passes('login', 8);
        process.kill(server.pid, 'SIGKILL');
        await eventually(() => !redis.isAvailable);
        passed += await passes('login', 8);
        await server.restart();
        await eventually(() => redis.isAvailable);
      }
      expect(passed).toBeGreaterThanOrEqual(8);
      expect(passed).toBeLessThanOrEqual(20);
    });
  });
});
