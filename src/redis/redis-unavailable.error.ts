/** Redis is not configured, away, or gave no answer in time; a write may or may not have happened. */
export class RedisUnavailableError extends Error {
  constructor(cause?: unknown) {
    super('Redis is unavailable', { cause });
    this.name = 'RedisUnavailableError';
  }
}
