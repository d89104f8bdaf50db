import { isIP } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { normalizeIp, type ThrottlerOptions } from '@nestjs/throttler';
import { requestOf } from '../common/http/exchange.js';
import type { AppConfig } from '../config/app-config.js';
import type { Rate } from '../config/setting.js';
import { hasLoginRateLimit } from './rate-limit.decorators.js';

export interface LimitedRequest {
  readonly ip?: string;
  /** Set before the limits are checked when the caller's token is good; a bad token counts as none. */
  readonly user?: { readonly id: string };
}

/** A limit whose numbers are fixed and whose answers need not be waited for. */
export interface Limit extends ThrottlerOptions {
  readonly name: string;
  readonly limit: number;
  /** The length of its window in milliseconds. */
  readonly ttl: number;
  skipIf(context: ExecutionContext): boolean;
  getTracker(request: LimitedRequest, context: ExecutionContext): string;
}

/** The three limits of the guard. Each has one count for a client over all routes. */
export function throttlersOf(config: AppConfig): Limit[] {
  const { rateLimitAnonymous, rateLimitAuthenticated, rateLimitLogin } = config;
  return [
    {
      name: 'anonymous',
      ...limitOf(rateLimitAnonymous),
      skipIf: (context) => rateLimitAnonymous === 'off' || userOf(context) !== undefined || hasLoginRateLimit(context),
      getTracker: addressOf,
    },
    {
      name: 'authenticated',
      ...limitOf(rateLimitAuthenticated),
      skipIf: (context) => rateLimitAuthenticated === 'off' || userOf(context) === undefined,
      getTracker: (request) => request.user?.id ?? addressOf(request),
    },
    {
      name: 'login',
      ...limitOf(rateLimitLogin),
      skipIf: (context) => rateLimitLogin === 'off' || !hasLoginRateLimit(context),
      getTracker: addressOf,
    },
  ];
}

/** The client's address; IPv6 as its /64, which is what one household or server gets; IPv4-mapped as IPv4. */
export function addressOf({ ip }: LimitedRequest): string {
  // Unix sockets have no address and a proxy may hand on nonsense: all of these share one count.
  return ip === undefined || isIP(ip) === 0 ? 'unknown' : normalizeIp(ip);
}

function userOf(context: ExecutionContext) {
  return requestOf<LimitedRequest>(context).user;
}

function limitOf(rate: Rate | 'off'): { limit: number; ttl: number } {
  return rate === 'off' ? { limit: 0, ttl: 0 } : { limit: rate.count, ttl: rate.windowSeconds * 1000 };
}
