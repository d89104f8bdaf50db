import { isIP } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { normalizeIp, type ThrottlerOptions } from '@nestjs/throttler';
import type { AppConfig } from '../config/app-config.js';
import type { Rate } from '../config/setting.js';
import { hasLoginRateLimit } from './rate-limit.decorators.js';

interface LimitedRequest {
  readonly ip?: string;
  /** Set before the limits are checked when the caller's token is good; a bad token counts as none. */
  readonly user?: { readonly id: string };
}

/** The three limits of the guard. Each has one count for a client over all routes. */
export function throttlersOf(config: AppConfig): ThrottlerOptions[] {
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
      getTracker: (request: LimitedRequest) => request.user?.id ?? addressOf(request),
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
  return context.switchToHttp().getRequest<LimitedRequest>().user;
}

function limitOf(rate: Rate | 'off'): { limit: number; ttl: number } {
  return rate === 'off' ? { limit: 0, ttl: 0 } : { limit: rate.count, ttl: rate.windowSeconds * 1000 };
}
