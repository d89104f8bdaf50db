import { randomUUID } from 'node:crypto';
import { HttpStatus } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { RequestContext, runInContext } from '../common/context/request-context.js';
import { ProblemException } from '../common/http/problem.exception.js';
import type { Lifecycle } from '../runtime/lifecycle.js';
import type { FixedHeaders } from './fixed-headers.js';
import { refusalCodes, refusalOf, type Refusal } from './request-limits.js';

/** Told of each request when it begins and when its connection is done with it. */
export interface ExchangeObserver {
  started?(request: Request, context: RequestContext): void;
  /** `aborted`: the client went away before the answer was sent. */
  ended(request: Request, response: Response, context: RequestContext, aborted: boolean): void;
}

const saneRequestId = /^[A-Za-z0-9._-]{1,64}$/;

/** The birth of a request: its id, context and fixed headers; observers see all answers, errors and 404s included. */
export function requestMiddleware(lifecycle: Lifecycle, observers: readonly ExchangeObserver[]): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const incomingId = request.headers['x-request-id'];
    const requestId = typeof incomingId === 'string' && saneRequestId.test(incomingId) ? incomingId : randomUUID();
    const context = new RequestContext(requestId, clientIpOf(request) ?? '', request.headers['user-agent']);
    (response as Response & FixedHeaders).fixHeaders(context);
    if (lifecycle.isLeaving) response.setHeader('Connection', 'close');
    response.on('close', () => {
      for (const observer of observers) observer.ended(request, response, context, !response.writableFinished);
    });
    for (const observer of observers) observer.started?.(request, context);

    const refusal = refusalOf(request);
    runInContext(context, () => (refusal ? next(refusalProblem(refusal)) : next()));
  };
}

/** Express' own look at proxies costs more than the address, and without this header there is nothing to look at. */
function clientIpOf(request: Request): string | undefined {
  return request.headers['x-forwarded-for'] === undefined ? request.socket.remoteAddress : request.ip;
}

function refusalProblem(status: Refusal): ProblemException {
  return new ProblemException(status as HttpStatus, refusalCodes[status], { headers: { Connection: 'close' } });
}
