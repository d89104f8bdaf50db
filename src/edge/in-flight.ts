import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { Counter } from 'prom-client';
import type { RequestContext } from '../common/context/request-context.js';
import { problemOf } from '../common/http/problem.js';
import { AppConfig } from '../config/app-config.js';
import { CUT_METRIC } from './edge.metrics.js';
import type { ExchangeObserver } from './request.middleware.js';
import { sendProblem } from './send-problem.js';
import { SlowReaders } from './slow-readers.js';

const sweepEveryMs = 250;

type AbandonListener = (context: RequestContext) => void;

interface Exchange {
  readonly request: Request;
  readonly context: RequestContext;
}

/**
 * The requests being served. One look at all of them, four times a second, finds those that take too long, so that a
 * request need not have a timer of its own.
 */
@Injectable()
export class InFlight implements ExchangeObserver, OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Request');
  /**
   * No Map: one that changes with each request leaves a trail of outgrown tables, each with a pointer to the next, and once
   * one of them is in the old generation they keep all requests from being collected soon (docs/performance.md).
   */
  private readonly exchanges: Exchange[] = [];
  private readonly listeners: AbandonListener[] = [];
  private readonly requestTimeoutMs: number;
  private readonly readers: SlowReaders;
  private timer?: NodeJS.Timeout;

  constructor(
    { requestTimeout, responseTimeout }: AppConfig,
    @InjectMetric(CUT_METRIC) private readonly cuts: Counter,
  ) {
    this.requestTimeoutMs = requestTimeout * 1000;
    this.readers = new SlowReaders(responseTimeout * 1000);
  }

  get size(): number {
    return this.exchanges.length;
  }

  /** Calls `listener` with each request whose answer nobody waits for any more; what is done for it may stop. */
  onAbandoned(listener: AbandonListener): void {
    this.listeners.push(listener);
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.sweep(), sweepEveryMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  started(request: Request, context: RequestContext): void {
    context.place = this.exchanges.push({ request, context }) - 1;
  }

  ended(_request: Request, _response: Response, context: RequestContext, aborted: boolean): void {
    this.remove(context);
    if (aborted && !context.isAbandoned) this.abandon(context, 'client_gone');
  }

  /** The last one takes its place. Does nothing when it is gone already. */
  private remove(context: RequestContext): void {
    if (this.exchanges[context.place]?.context !== context) return;
    const last = this.exchanges.pop()!;
    if (last.context === context) return;
    this.exchanges[context.place] = last;
    last.context.place = context.place;
  }

  private sweep(): void {
    const now = performance.now();
    for (const { request, context } of [...this.exchanges]) {
      const response = request.res;
      if (!response) continue;
      if (!response.headersSent) {
        if (context.elapsedMs >= this.requestTimeoutMs) this.expire(request, response, context);
      } else if (this.readers.isStuck(response, now)) {
        this.abandon(context, 'slow_reader');
        response.destroy();
      }
    }
  }

  /** A body that trickles in is the client's fault (408); all else is ours (503), and the client may try again. */
  private expire(request: Request, response: Response, context: RequestContext): void {
    const { requestId } = context;
    const isReceived = request.complete;
    this.abandon(context, isReceived ? 'deadline' : 'slow_body');
    this.logger.warn({ event: 'request_expired', requestId, handler: context.handler, received: isReceived });
    if (isReceived) {
      sendProblem(response, problemOf({ status: 503, code: 'deadline_exceeded', detail }, requestId), {
        'Retry-After': '1',
      });
    } else sendProblem(response, problemOf({ status: 408 }, requestId), { Connection: 'close' });
  }

  private abandon(context: RequestContext, reason: string): void {
    context.isAbandoned = true;
    this.cuts.inc({ reason });
    for (const listener of this.listeners) listener(context);
  }
}

const detail = 'The request took too long and was given up.';
