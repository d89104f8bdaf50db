import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisScript, RedisService } from '../redis/redis.service.js';
import type { CacheStore } from './cache-store.js';
import { fillScript, getOrLeaseScript, releaseScript, setScript } from './redis-cache.scripts.js';

/** Part of every key; raise it when what is stored under a key changes its meaning. */
const format = 1;
/** Longer than any load: a lease that has run out means that the value isn't stored. */
const leaseMs = 60_000;
/** How long a miss waits for another instance that loads the same key, before it loads too. */
const waitMs = 1000;
const maxUnsettled = 100_000;
const settleBatch = 1000;

/** The cache shared by all instances. Every method rejects while Redis is away. */
export class RedisCacheStore implements CacheStore {
  private readonly leaseInRedis: RedisScript<[text: string | null, lease: string, isFirst: number]>;
  private readonly fillInRedis: RedisScript<number>;
  private readonly releaseInRedis: RedisScript<number>;
  private readonly setInRedis: RedisScript<number>;
  /** Keys whose invalidation Redis hasn't confirmed. The oldest is forgotten over the bound; its TTL ends it. */
  private readonly unsettled = new Set<string>();
  private settling: Promise<void> | undefined;

  constructor(private readonly redis: RedisService) {
    this.leaseInRedis = redis.defineScript('cacheGetOrLease', 2, getOrLeaseScript);
    this.fillInRedis = redis.defineScript('cacheFill', 2, fillScript);
    this.releaseInRedis = redis.defineScript('cacheRelease', 2, releaseScript);
    this.setInRedis = redis.defineScript('cacheSet', 2, setScript);
    // Other instances would read the old values until this one uses its cache again.
    redis.onRecovery(() => void this.settle().catch(() => undefined));
  }

  async get(key: string): Promise<string | undefined> {
    await this.settle();
    return (await this.redis.run((client) => client.get(valueKey(key)))) ?? undefined;
  }

  async getOrLease(key: string): Promise<{ text: string } | { lease: string }> {
    const cached = await this.get(key);
    if (cached !== undefined) return { text: cached };
    const giveUpAt = performance.now() + waitMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(2 * pauseMs, 100)) {
      const [text, lease, isFirst] = await this.leaseInRedis(valueKey(key), leaseKey(key), randomUUID(), leaseMs);
      if (text !== null) return { text };
      if (isFirst === 1 || performance.now() >= giveUpAt) return { lease };
      await delay(pauseMs);
    }
  }

  async fill(key: string, text: string, ttlSeconds: number, lease: string): Promise<void> {
    await this.settle();
    await this.fillInRedis(valueKey(key), leaseKey(key), lease, text, milliseconds(ttlSeconds));
  }

  async release(key: string, lease: string): Promise<void> {
    await this.releaseInRedis(valueKey(key), leaseKey(key), lease);
  }

  async set(key: string, text: string, ttlSeconds: number): Promise<void> {
    try {
      await this.settle();
      await this.setInRedis(valueKey(key), leaseKey(key), text, milliseconds(ttlSeconds));
    } catch (error) {
      // The old value may still stand, or this one may arrive late over a newer one: neither may be read.
      this.remember([key]);
      throw error;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    try {
      await this.deleteInRedis(keys);
    } catch (error) {
      this.remember(keys);
      throw error;
    }
  }

  /** Repeats the deletes that Redis hasn't confirmed. */
  private async settle(): Promise<void> {
    if (this.unsettled.size > 0) this.settling ??= this.deleteUnsettled().finally(() => (this.settling = undefined));
    if (this.settling) await this.settling;
  }

  private async deleteUnsettled(): Promise<void> {
    while (this.unsettled.size > 0) {
      const keys = [...this.unsettled].slice(0, settleBatch);
      for (const key of keys) this.unsettled.delete(key);
      await this.delete(keys);
    }
  }

  private remember(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.unsettled.size >= maxUnsettled) {
        const [oldest] = this.unsettled;
        this.unsettled.delete(oldest!);
      }
      this.unsettled.add(key);
    }
  }

  private async deleteInRedis(keys: readonly string[]): Promise<void> {
    const names = keys.flatMap((key) => [valueKey(key), leaseKey(key)]);
    if (names.length > 0) await this.redis.run((client) => client.unlink(...names));
  }
}

function valueKey(key: string): string {
  return `cache:${format}:value:${key}`;
}

function leaseKey(key: string): string {
  return `cache:${format}:lease:${key}`;
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
