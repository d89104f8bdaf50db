import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectThrottlerStorage, type ThrottlerStorage } from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { RateLimitedException } from './rate-limited.exception.js';
import { REJECTIONS_METRIC } from './throttling.metrics.js';

const limiter = 'login-account';

/** The login limit by account, which slows guesses that come from many addresses. */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly config: AppConfig,
    @InjectThrottlerStorage() private readonly storage: ThrottlerStorage,
    @InjectMetric(REJECTIONS_METRIC) private readonly rejections: Counter<'limiter'>,
  ) {}

  /**
   * Counts an attempt; call it before the password is looked at, so that parallel guesses all count, and for unknown
   * names too. `account` is what the client called itself, in one spelling (case, Unicode form).
   * @throws RateLimitedException over RATE_LIMIT_LOGIN
   */
  async hit(account: string): Promise<void> {
    const rate = this.config.rateLimitLogin;
    if (rate === 'off') return;
    const { count, windowSeconds } = rate;
    // Hashed: names are free text of any length, and not to be read in Redis.
    const key = `${limiter}:${hash('sha256', account, 'base64url')}`;
    const windowMs = windowSeconds * 1000;
    const record = await this.storage.increment(key, windowMs, count, windowMs, limiter);
    if (!record.isBlocked) return;
    this.rejections.inc({ limiter });
    const isFirst = record.totalHits === count + 1;
    throw new RateLimitedException({ limiter, limit: count, windowSeconds }, record.timeToBlockExpire, isFirst);
  }
}
