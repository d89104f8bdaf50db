import { Injectable } from '@nestjs/common';
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
import { rateLimitHeaders } from './rate-limit-headers.js';
import { RateLimitedException } from './rate-limited.exception.js';
import { REJECTIONS_METRIC } from './throttling.metrics.js';

/**
 * Checks the limits of throttlers.ts. Runs after the caller is identified and before access is decided, so that
 * refused requests count too. When several limits apply, the headers show the one with least left.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    @InjectMetric(REJECTIONS_METRIC) private readonly rejections: Counter<'limiter'>,
  ) {
    super(options, storage, reflector);
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

/** What another limit of the same request has put into the header. */
function shownRemaining(response: Response): number {
  const shown = response.getHeader('RateLimit');
  return typeof shown === 'string' ? Number(/;r=(\d+)/.exec(shown)?.[1]) : Infinity;
}

function setHeaders(response: Response, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name]!);
}
