import { ThrottlerException } from '@nestjs/throttler';
import { rateLimitHeaders, type LimitState } from './rate-limit-headers.js';

/** 429. Whoever turns it into an answer copies `headers`: Retry-After (RFC 9110) and the RateLimit fields. */
export class RateLimitedException extends ThrottlerException {
  readonly headers: Readonly<Record<string, string>>;
  readonly limiter: string;

  constructor(
    state: Omit<LimitState, 'remaining' | 'resetSeconds'>,
    /** Whole seconds, 1 or more. */
    readonly retryAfterSeconds: number,
    /** Whether it is the first refusal of its window. */
    readonly isFirst: boolean,
  ) {
    super('Too many requests');
    this.limiter = state.limiter;
    this.headers = {
      'Retry-After': String(retryAfterSeconds),
      ...rateLimitHeaders({ ...state, remaining: 0, resetSeconds: retryAfterSeconds }),
    };
  }
}
