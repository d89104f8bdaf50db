import type { ThrottlerStorage } from '@nestjs/throttler';
import type { RedisScript, RedisService } from '../redis/redis.service.js';
import { recordOf, type ThrottlerRecord, type WindowCount } from './throttler-record.js';

// One script, so that no key is ever without an expiry; time is that of Redis. A window that is longer than the limit
// has now (its setting was changed) is cut. A repeat counts twice, which errs on the strict side.
const hitScript = `
  local hits = redis.call('INCR', KEYS[1])
  local remaining = redis.call('PTTL', KEYS[1])
  local window = tonumber(ARGV[1])
  if remaining < 0 or remaining > window then
    redis.call('PEXPIRE', KEYS[1], window)
    remaining = window
  end
  return { hits, remaining }
`;

/** Limits shared by all processes through Redis: fixed windows, exact under any parallelism. Throws as RedisService.run. */
export class RedisThrottlerStorage implements ThrottlerStorage {
  private readonly hitInRedis: RedisScript<[hits: number, remainingMs: number]>;

  constructor(redis: RedisService) {
    this.hitInRedis = redis.defineScript('rateLimitHit', 1, hitScript);
  }

  async increment(key: string, ttlMs: number, limit: number): Promise<ThrottlerRecord> {
    return recordOf(await this.hit(key, ttlMs), limit);
  }

  async hit(key: string, windowMs: number): Promise<WindowCount> {
    const [hits, remainingMs] = await this.hitInRedis(`limit:${key}`, windowMs);
    return { hits, remainingMs };
  }
}
