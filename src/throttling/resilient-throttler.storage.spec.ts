import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { RedisService } from '../redis/redis.service.js';
import { MemoryThrottlerStorage } from './memory-throttler.storage.js';
import type { RedisThrottlerStorage } from './redis-throttler.storage.js';
import { ResilientThrottlerStorage } from './resilient-throttler.storage.js';

/** Counts like Redis, in a map that a test can empty, or fails. */
class FakeRedis {
  isAvailable = true;
  failure: Error | undefined;
  readonly hits = new Map<string, number>();

  hit(key: string, windowMs: number) {
    if (this.failure) return Promise.reject(this.failure);
    const hits = (this.hits.get(key) ?? 0) + 1;
    this.hits.set(key, hits);
    return Promise.resolve({ hits, remainingMs: windowMs });
  }
}

describe('ResilientThrottlerStorage', () => {
  let redis: FakeRedis;
  let storage: ResilientThrottlerStorage;
  let fallbacks: Counter;
  let warnings: string[];

  beforeEach(() => {
    warnings = [];
    Logger.overrideLogger({
      log: () => undefined,
      error: () => undefined,
      warn: (text: string) => warnings.push(text),
    });
    redis = new FakeRedis();
    fallbacks = new Counter({ name: 'fallbacks', help: 'test', registers: [new Registry()] });
    storage = new ResilientThrottlerStorage(
      redis as unknown as RedisService,
      redis as unknown as RedisThrottlerStorage,
      new MemoryThrottlerStorage(1000, () => 0),
      fallbacks,
    );
  });

  afterEach(() => {
    Logger.overrideLogger(false);
  });

  async function passes(limiter: string, limit: number, attempts: number): Promise<number> {
    let passed = 0;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const record = await storage.increment(`${limiter}:client`, 60_000, limit, 60_000, limiter);
      if (!record.isBlocked) passed += 1;
    }
    return passed;
  }

  it('uses the whole limit in Redis', async () => {
    expect(await passes('anonymous', 20, 30)).toBe(20);
    expect(redis.hits.get('anonymous:client')).toBe(30);
  });

  it.each([
    ['anonymous', 20, 10],
    ['authenticated', 1, 1],
    ['login', 20, 5],
    ['login-account', 5, 1],
  ])('F5: %s with a limit of %d lets %d pass in this process while Redis is away', async (limiter, limit, allowed) => {
    redis.isAvailable = false;
    expect(await passes(limiter, limit, 2 * limit)).toBe(allowed);
  });

  it('F5: counts and logs going without Redis, once an outage', async () => {
    redis.failure = new Error('no answer');
    await passes('anonymous', 20, 2);
    redis.isAvailable = false;
    await passes('anonymous', 20, 3);
    expect((await fallbacks.get()).values[0]?.value).toBe(5);
    expect(warnings).toEqual(['Rate limits are counted in this process, with less: no answer']);

    Object.assign(redis, { isAvailable: true, failure: undefined });
    await passes('anonymous', 20, 1);
    redis.isAvailable = false;
    await passes('anonymous', 20, 1);
    expect(warnings).toHaveLength(2);
  });

  it('tells in the record what really remains', async () => {
    redis.isAvailable = false;
    const { totalHits } = await storage.increment('anonymous:client', 60_000, 20, 60_000, 'anonymous');
    expect(20 - totalHits).toBe(9);
  });

  it('F5: logins never exceed their limit in one process, however often Redis goes and comes back empty', async () => {
    let passed = 0;
    for (let outage = 0; outage < 10; outage++) {
      redis.isAvailable = true;
      passed += await passes('login', 8, 1);
      redis.isAvailable = false;
      passed += await passes('login', 8, 1);
      redis.hits.clear();
    }
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(8);
  });
});
