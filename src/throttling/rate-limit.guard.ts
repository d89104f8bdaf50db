import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Response } from 'express';
import { Counter } from 'prom-client';
import { requestOf, responseOf } from '../common/http/exchange.js';
import { oncePerRoute } from '../common/route-metadata.js';
import { MemoryThrottlerStorage } from './memory-throttler.storage.js';
import { rateLimitHeaders, type LimitState } from './rate-limit-headers.js';
import { RateLimitedException } from './rate-limited.exception.js';
import type { ThrottlerRecord } from './throttler-record.js';
import type { Limit } from './throttlers.js';
import { REJECTIONS_METRIC } from './throttling.metrics.js';

/** How @nestjs/throttler's decorators name what they leave on a route. */
const throttlerKeys = 'THROTTLER:';
const skipKey = 'THROTTLER:SKIP';

const allowed = Promise.resolve(true);

/** What the answer tells of a limit that was counted. */
type Counted = Pick<LimitState, 'limiter' | 'limit' | 'windowSeconds'>;

/**
 * Checks the limits of throttlers.ts. Runs after the caller is identified and before access is decided, so that
 * refused requests count too. When several limits apply, the headers show the one with least left.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  /** The limits that a route is not exempt from; undefined when it has limits of its own, which the stock guard reads. */
  private readonly limitsOf = oncePerRoute((route) => {
    const targets = [route.getHandler(), route.getClass()];
    if (targets.some(hasOwnLimits)) return undefined;
    const limits = this.throttlers as readonly Limit[];
    return limits.filter(({ name }) => !this.reflector.getAllAndOverride(`${skipKey}${name}`, targets));
  });

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    @InjectMetric(REJECTIONS_METRIC) private readonly rejections: Counter<'limiter'>,
  ) {
    super(options, storage, reflector);
  }

  override canActivate(context: ExecutionContext): Promise<boolean> {
    const limits = this.limitsOf(context);
    return limits ? this.hitAll(limits, context) : super.canActivate(context);
  }

  /** Waits only where hits are counted elsewhere: what is counted in this process costs no turn. */
  private hitAll(limits: readonly Limit[], context: ExecutionContext, from = 0): Promise<boolean> {
    for (let index = from; index < limits.length; index++) {
      const throttler = limits[index]!;
      if (throttler.skipIf(context)) continue;
      const { name: limiter, limit, ttl } = throttler;
      const counted = { limiter, limit, windowSeconds: ttl / 1000 };
      const key = this.generateKey(context, throttler.getTracker(requestOf(context), context), limiter);
      const { storageService: storage } = this;
      if (!(storage instanceof MemoryThrottlerStorage)) {
        return storage.increment(key, ttl, limit, ttl, limiter).then((record) => {
          this.judge(counted, record, responseOf(context));
          return this.hitAll(limits, context, index + 1);
        });
      }
      this.judge(counted, storage.count(key, ttl, limit), responseOf(context));
    }
    return allowed;
  }

  /** For the limits that a route has of its own. @throws RateLimitedException */
  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, throttler, blockDuration, getTracker } = request;
    const limiter = throttler.name ?? 'default';
    const tracker = await getTracker(requestOf(context), context);
    const key = this.generateKey(context, tracker, limiter);
    const record = await this.storageService.increment(key, ttl, limit, blockDuration, limiter);
    this.judge({ limiter, limit, windowSeconds: ttl / 1000 }, record, responseOf(context));
    return true;
  }

  /** @throws RateLimitedException */
  private judge(counted: Counted, record: ThrottlerRecord, response: Response): void {
    const { limiter, limit } = counted;
    if (record.isBlocked) {
      this.rejections.inc({ limiter });
      const exception = new RateLimitedException(counted, record.timeToBlockExpire, record.totalHits === limit + 1);
      setHeaders(response, exception.headers);
      throw exception;
    }
    const remaining = limit - record.totalHits;
    if (remaining < shownRemaining(response)) {
      setHeaders(response, rateLimitHeaders({ ...counted, remaining, resetSeconds: record.timeToExpire }));
    }
  }

  /** One count for a client over all routes, where the stock guard has one for each route. */
  protected override generateKey(_context: unknown, tracker: string, limiter: string): string {
    return `${limiter}:${tracker}`;
  }
}

function hasOwnLimits(target: object): boolean {
  const keys = Reflect.getMetadataKeys(target) as unknown[];
  return keys.some((key) => typeof key === 'string' && key.startsWith(throttlerKeys) && !key.startsWith(skipKey));
}

/** What another limit of the same request has put into the header. */
function shownRemaining(response: Response): number {
  const shown = response.getHeader('RateLimit');
  return typeof shown === 'string' ? Number(/;r=(\d+)/.exec(shown)?.[1]) : Infinity;
}

function setHeaders(response: Response, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name]!);
}
