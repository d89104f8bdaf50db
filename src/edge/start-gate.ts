import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Unavailable } from '../common/http/problem.exception.js';
import type { Lifecycle } from '../runtime/lifecycle.js';

const openPaths = /^\/(health|metrics|docs|redoc|openapi\.json)(\/|$)/;

/** Answers 503 until the database is there, except to probes and readers of the documentation. */
export function startGate(lifecycle: Lifecycle): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    if (lifecycle.phase !== 'starting' || openPaths.test(request.path)) next();
    else next(new Unavailable('starting'));
  };
}
