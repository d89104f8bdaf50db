import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerOptions,
  type ThrottlerRequest,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Response } from 'express';
import { Counter } from 'prom-client';
import { oncePerRoute } from '../common/route-metadata.js';
import { rateLimitHeaders } from './rate-limit-headers.js';
import { RateLimitedException } from './rate-limited.exception.js';
import { REJECTIONS_METRIC } from './throttling.metrics.js';

/** How @nestjs/throttler's decorators name what they leave on a route. */
const throttlerKeys = 'THROTTLER:';
const skipKey = 'THROTTLER:SKIP';

const allowed = Promise.resolve(true);

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
    return this.throttlers.filter(({ name }) => !this.reflector.getAllAndOverride(`${skipKey}${name}`, targets));
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
    if (!limits) return super.canActivate(context);
    const applying = limits.filter(({ skipIf }) => !skipIf?.(context));
    return applying.length === 0 ? allowed : this.hitAll(applying, context);
  }

  private async hitAll(limits: readonly ThrottlerOptions[], context: ExecutionContext): Promise<boolean> {
    for (const throttler of limits) {
      const { limit, ttl, getTracker } = throttler as ThrottlerOptions & { limit: number; ttl: number };
      await this.handleRequest({
        context,
        limit,
        ttl,
        throttler,
        blockDuration: ttl,
        getTracker: getTracker ?? ((request) => this.getTracker(request)),
        generateKey: (...key) => this.generateKey(...key),
      });
    }
    return true;
  }

  /** @throws RateLimitedException */
  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, throttler, blockDuration, getTracker } = request;
    const limiter = throttler.name ?? 'default';
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    const tracker = await getTracker(http.getRequest(), context);
    const key = this.generateKey(context, tracker, limiter);
    const record = await this.storageService.increment(key, ttl, limit, blockDuration, limiter);

    const policy = { limiter, limit, windowSeconds: ttl / 1000 };
    if (record.isBlocked) {
      this.rejections.inc({ limiter });
      const exception = new RateLimitedException(policy, record.timeToBlockExpire, record.totalHits === limit + 1);
      setHeaders(response, exception.headers);
      throw exception;
    }
    const remaining = limit - record.totalHits;
    if (remaining < shownRemaining(response)) {
      setHeaders(response, rateLimitHeaders({ ...policy, remaining, resetSeconds: record.timeToExpire }));
    }
    return true;
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
