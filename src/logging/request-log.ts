import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { RequestContext } from '../common/context/request-context.js';
import type { ExchangeObserver } from '../edge/request.middleware.js';

/** Logs the life of each request. The query string is left out: it may hold what is nobody's business. */
export class RequestLog implements ExchangeObserver {
  constructor(private readonly logger: Logger) {}

  started(request: Request, context: RequestContext): void {
    this.logger.info({ event: 'request_started', ...this.subject(request, context) }, 'request started');
  }

  ended(request: Request, response: Response, context: RequestContext, aborted: boolean): void {
    const failed = aborted || response.statusCode >= 500;
    const fields = {
      event: failed ? 'request_failed' : 'request_completed',
      ...this.subject(request, context),
      status: response.statusCode,
      durationMs: round(context.elapsedMs),
      handlerMs: context.handlerMs === undefined ? undefined : round(context.handlerMs),
      requestSize: Number(request.headers['content-length'] ?? 0),
      responseSize: Number(response.getHeader('content-length') ?? 0),
      userId: context.userId,
      aborted: aborted || undefined,
    };
    if (failed) this.logger.error(fields, 'request failed');
    else this.logger.info(fields, 'request completed');
  }

  private subject(request: Request, context: RequestContext): object {
    return {
      requestId: context.requestId,
      method: request.method,
      path: pathOf(request.originalUrl),
      clientIp: context.clientIp,
      userAgent: context.userAgent,
    };
  }
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
