import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** One middleware of several that are called one after the other, without what a router does between two of them. */
export function inSequence(...handlers: readonly RequestHandler[]): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    let index = 0;
    const step = (error?: unknown): void => {
      const handler = error ? undefined : handlers[index++];
      if (handler) handler(request, response, step);
      else next(error);
    };
    step();
  };
}
