import type { Redis } from 'ioredis';
import type { AppConfig } from '../../src/config/app-config.js';
import { createRedisClient } from '../../src/redis/redis-client.js';
import { RedisService } from '../../src/redis/redis.service.js';

/**
 * A service on the server of `url`, with all keys under `test:`. It waits for Redis up to a second, so that a busy
 * machine is not taken for an outage; specs about the deadline itself ask for that of the product.
 */
export async function createRedisService(
  url: string,
  commandTimeoutSeconds = 1,
): Promise<{ redis: RedisService; client: Redis }> {
  const client = await createRedisClient(url, 'test:');
  return { client, redis: new RedisService(client, { redisCommandTimeout: commandTimeoutSeconds } as AppConfig) };
}
