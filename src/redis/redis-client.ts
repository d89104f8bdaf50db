import type { Redis } from 'ioredis';

export const REDIS_CLIENT = Symbol('REDIS_CLIENT');

/**
 * A client, not yet connected, that fails at once while Redis is away and comes back within a second.
 * `keyPrefix` is put before every key.
 */
export async function createRedisClient(url: string, keyPrefix = ''): Promise<Redis> {
  // Only now: a start without Redis need not read it.
  const { Redis } = await import('ioredis');
  return new Redis(url, {
    keyPrefix,
    lazyConnect: true,
    connectTimeout: 600,
    disconnectTimeout: 100,
    retryStrategy: (attempt) => Math.min(attempt * 20, 200),
    // The defaults queue commands and repeat them after an outage: requests would hang and hits count twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Ends a handshake that gets no answer. RedisService gives callers a shorter deadline, which survives a stall.
    commandTimeout: 2000,
    maxLoadingRetryTime: 200,
    keepAlive: 10_000,
    // A primary that became a replica: its name may lead to the new primary by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

/** "My App" -> "my-app:", so that products which share a Redis don't meet. */
export function keyPrefixOf(appName: string): string {
  return `${appName.trim().toLowerCase().replace(/\s+/g, '-')}:`;
}
