import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { Counter, Histogram } from 'prom-client';
import type { RequestContext } from '../../common/context/request-context.js';
import type { Problem } from '../../common/http/problem.js';
import type { ProblemObserver } from '../../edge/problem.filter.js';
import type { ExchangeObserver } from '../../edge/request.middleware.js';

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts requests by route template: a label from the raw path would be a series for each path that a stranger thinks up. */
@Injectable()
export class HttpMetrics implements ExchangeObserver, ProblemObserver {
  private readonly refusals = new Map<string, Counter.Internal>();

  constructor(
    @InjectMetric('http_requests_total') private readonly requests: Counter,
    @InjectMetric('http_request_duration_seconds') private readonly durations: Histogram,
    @InjectMetric('application_errors_total') private readonly errors: Counter,
  ) {}

  ended(request: Request, response: Response, context: RequestContext): void {
    const method = knownMethods.has(request.method) ? request.method : 'OTHER';
    const endpoint = endpointOf(request);
    this.requests.inc({ method, endpoint, status: response.statusCode });
    this.durations.observe({ method, endpoint }, context.elapsedMs / 1000);
  }

  /** Counts a request that was refused before it began. It must cost next to nothing, so the series is looked up once. */
  refused({ method = '' }: IncomingMessage, status: number): void {
    const key = `${method} ${status}`;
    let counter = this.refusals.get(key);
    if (!counter) {
      const known = knownMethods.has(method) ? method : 'OTHER';
      this.refusals.set(key, (counter = this.requests.labels(known, 'unmatched', String(status))));
    }
    counter.inc();
  }

  answered(problem: Problem, request: Request): void {
    this.errors.inc({ error_type: problem.code, endpoint: endpointOf(request) });
  }
}

function endpointOf(request: Request): string {
  const route = request.route as { path: string } | undefined;
  return route?.path ?? 'unmatched';
}
