import { HttpException } from '@nestjs/common';
import { ThrottlerException, type ThrottlerStorage } from '@nestjs/throttler';
import { Counter, Registry } from 'prom-client';
import type { AppConfig } from '../config/app-config.js';
import { LoginAttempts } from './login-attempts.service.js';
import { MemoryThrottlerStorage } from './memory-throttler.storage.js';
import { RateLimitedException } from './rate-limited.exception.js';

describe('LoginAttempts', () => {
  const registry = new Registry();
  let now: number;
  let keys: string[];
  let attempts: LoginAttempts;
  let rejections: Counter<'limiter'>;

  beforeEach(() => {
    now = 0;
    keys = [];
    registry.clear();
    rejections = new Counter({ name: 'rejections', help: 'test', labelNames: ['limiter'], registers: [registry] });
    attempts = attemptsWith({ count: 5, windowSeconds: 60 });
  });

  function attemptsWith(rateLimitLogin: AppConfig['rateLimitLogin']): LoginAttempts {
    const memory = new MemoryThrottlerStorage(1000, () => now);
    const storage: ThrottlerStorage = {
      increment: (key, ttl, limit) => {
        keys.push(key);
        return memory.increment(key, ttl, limit);
      },
    };
    return new LoginAttempts({ rateLimitLogin } as AppConfig, storage, rejections);
  }

  it('A17: of 50 parallel attempts on one account 5 pass', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => attempts.hit('alice')));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(5);
    expect((await rejections.get()).values).toEqual([{ labels: { limiter: 'login-account' }, value: 45 }]);
    await attempts.hit('bob');
  });

  it('A17: lets the account in again when the window is over', async () => {
    await Promise.allSettled(Array.from({ length: 50 }, () => attempts.hit('alice')));
    now = 60_000;
    await attempts.hit('alice');
  });

  it('F6: throws a 429 that carries the headers of the answer', async () => {
    for (let attempt = 0; attempt < 5; attempt++) await attempts.hit('alice');
    now = 17_500;
    const error: unknown = await attempts.hit('alice').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ThrottlerException);
    expect((error as HttpException).getStatus()).toBe(429);
    expect((error as RateLimitedException).retryAfterSeconds).toBe(43);
    expect((error as RateLimitedException).headers).toEqual({
      'Retry-After': '43',
      'RateLimit-Policy': '"login-account";q=5;w=60',
      RateLimit: '"login-account";r=0;t=43',
    });
  });

  it('F7: gives every name a key of one length that does not tell it', async () => {
    await attempts.hit('alice');
    await attempts.hit('x'.repeat(100_000));
    expect(keys.map((key) => key.length)).toEqual([57, 57]);
    expect(keys[0]).not.toContain('alice');
  });

  it('is off when RATE_LIMIT_LOGIN is', async () => {
    attempts = attemptsWith('off');
    for (let attempt = 0; attempt < 20; attempt++) await attempts.hit('alice');
    expect(keys).toEqual([]);
  });
});
