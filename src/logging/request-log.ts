import type { Request, Response } from 'express';
import type { RequestContext } from '../common/context/request-context.js';
import type { ExchangeObserver } from '../edge/request.middleware.js';

/** What writes the lines: a LineWriter, or pino itself. */
export interface RequestLines {
  write(level: 'info' | 'error', fields: RequestFields, message: string): void;
}

type RequestFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logs the life of each request. The query string is left out: it may hold what is nobody's business. */
export class RequestLog implements ExchangeObserver {
  constructor(private readonly lines: RequestLines) {}

  started(request: Request, context: RequestContext): void {
    this.lines.write('info', { event: 'request_started', ...subjectOf(request, context) }, 'request started');
  }

  ended(request: Request, response: Response, context: RequestContext, aborted: boolean): void {
    const failed = aborted || response.statusCode >= 500;
    const fields = {
      event: failed ? 'request_failed' : 'request_completed',
      handler: context.handler,
      ...subjectOf(request, context),
      status: response.statusCode,
      durationMs: round(context.elapsedMs),
      handlerMs: context.handlerMs === undefined ? undefined : round(context.handlerMs),
      requestSize: Number(request.headers['content-length'] ?? 0),
      responseSize: Number(response.getHeader('content-length') ?? 0),
      userId: context.userId,
      aborted: aborted || undefined,
    };
    this.lines.write(failed ? 'error' : 'info', fields, failed ? 'request failed' : 'request completed');
  }
}

function subjectOf(request: Request, context: RequestContext): RequestFields {
  return {
    requestId: context.requestId,
    method: request.method,
    path: pathOf(request.originalUrl),
    clientIp: context.clientIp,
    userAgent: context.userAgent,
  };
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
