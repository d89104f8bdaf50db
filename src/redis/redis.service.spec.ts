import type { AppConfig } from '../config/app-config.js';
import { keyPrefixOf } from './redis-client.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';
import { RedisService } from './redis.service.js';

describe('RedisService without REDIS_URL', () => {
  const redis = new RedisService(undefined, { redisCommandTimeout: 0.1 } as AppConfig);

  it('is never available and refuses every call', async () => {
    const script = redis.defineScript('script', 1, 'return 1');
    await redis.connect();
    expect([redis.isConfigured, redis.isAvailable, await redis.ping()]).toEqual([false, false, false]);
    await expect(redis.run((client) => client.ping())).rejects.toThrow(RedisUnavailableError);
    await expect(script('key')).rejects.toThrow(RedisUnavailableError);
    await redis.onApplicationShutdown();
  });
});

describe('keyPrefixOf', () => {
  it.each([
    ['Mainstay', 'mainstay:'],
    [' My  App ', 'my-app:'],
  ])('turns %j into %j', (name, prefix) => expect(keyPrefixOf(name)).toBe(prefix));
});
