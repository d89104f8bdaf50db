import type { Request, Response } from 'express';
import type { LogFields, LogSubject, RequestContext } from '../common/context/request-context.js';
import type { ExchangeObserver } from '../edge/request.middleware.js';

const messages = {
  request_started: 'request started',
  request_completed: 'request completed',
  request_failed: 'request failed',
};

/** What writes the lines: a LineWriter, or pino itself. */
export interface RequestLines {
  write(level: 'info' | 'error', fields: LogFields, subject: LogSubject, rest: LogFields, message: string): void;
}

/** Logs the life of each request. The query string is left out: it may hold what is nobody's business. */
export class RequestLog implements ExchangeObserver {
  constructor(private readonly lines: RequestLines) {}

  started(request: Request, context: RequestContext): void {
    context.subject = subjectOf(request, context);
    this.tell('info', 'request_started', context.subject, {});
  }

  ended(request: Request, response: Response, context: RequestContext, aborted: boolean): void {
    const failed = aborted || response.statusCode >= 500;
    const subject = context.subject ?? subjectOf(request, context);
    this.tell(failed ? 'error' : 'info', failed ? 'request_failed' : 'request_completed', subject, {
      handler: context.handler,
      status: response.statusCode,
      durationMs: round(context.elapsedMs),
      handlerMs: context.handlerMs === undefined ? undefined : round(context.handlerMs),
      requestSize: Number(request.headers['content-length'] ?? 0),
      responseSize: Number(response.getHeader('content-length') ?? 0),
      userId: context.userId,
      aborted: aborted || undefined,
    });
  }

  private tell(level: 'info' | 'error', event: keyof typeof messages, subject: LogSubject, rest: LogFields): void {
    this.lines.write(level, { event }, subject, rest, messages[event]);
  }
}

function subjectOf(request: Request, { requestId, clientIp, userAgent }: RequestContext): LogSubject {
  const { method, originalUrl } = request;
  return { fields: { requestId, method, path: pathOf(originalUrl), clientIp, userAgent } };
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
