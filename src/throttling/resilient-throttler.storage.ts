import { Logger } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Counter } from 'prom-client';
import type { RedisService } from '../redis/redis.service.js';
import type { MemoryThrottlerStorage } from './memory-throttler.storage.js';
import type { RedisThrottlerStorage } from './redis-throttler.storage.js';
import { recordOf, type ThrottlerRecord, type WindowCount } from './throttler-record.js';

/**
 * Limits in Redis; while it is away, in this process with a part of the limit, since the other processes count by
 * themselves as well: half, and a quarter for logins, which must never become a way around.
 */
export class ResilientThrottlerStorage implements ThrottlerStorage {
  private readonly logger = new Logger(ResilientThrottlerStorage.name);
  private isFallenBack = false;

  constructor(
    private readonly redis: RedisService,
    private readonly shared: RedisThrottlerStorage,
    private readonly local: MemoryThrottlerStorage,
    private readonly fallbacks: Counter,
  ) {}

  async increment(
    key: string,
    ttlMs: number,
    limit: number,
    _blockDurationMs: number,
    limiter: string,
  ): Promise<ThrottlerRecord> {
    const isLogin = limiter === 'login' || limiter === 'login-account';
    const count = await this.hitShared(key, ttlMs);
    if (count) {
      // This process remembers logins, lest each outage or empty Redis give an attacker the whole limit anew.
      return recordOf(isLogin ? this.local.merge(key, ttlMs, count) : count, limit);
    }
    this.fallbacks.inc();
    const { hits, remainingMs } = this.local.hit(key, ttlMs);
    const allowed = Math.max(1, Math.floor(limit / (isLogin ? 4 : 2)));
    // What is kept back counts as used, so that the headers tell what really remains.
    return recordOf({ hits: hits + limit - allowed, remainingMs }, limit);
  }

  private async hitShared(key: string, ttlMs: number): Promise<WindowCount | undefined> {
    if (!this.redis.isAvailable) return this.fallBack('Redis is away');
    try {
      const count = await this.shared.hit(key, ttlMs);
      this.isFallenBack = false;
      return count;
    } catch (error) {
      return this.fallBack((error as Error).message);
    }
  }

  private fallBack(reason: string): undefined {
    if (!this.isFallenBack) this.logger.warn(`Rate limits are counted in this process, with less: ${reason}`);
    this.isFallenBack = true;
  }
}
