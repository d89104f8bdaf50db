import type { NextFunction, Request, RequestHandler, Response } from 'express';

const outcome = Symbol('outcome');

/** A request that has been through the chain, and the error that it left with, if any. */
type Passed = Request & { [outcome]?: { readonly error: unknown } };

/**
 * Middleware for every path, called one after the other. Express would look for each at the path of the request, cut it and
 * put it together again. Whoever leaves the chain goes on in Express, with all that Express has learned to do.
 */
export class MiddlewareChain {
  private readonly steps: RequestHandler[] = [];
  private isOpen = true;

  constructor(private readonly express: (request: Request, response: Response) => void) {}

  /** @returns false when it is not for every path, or something that is Express' own has to come before it */
  add(...middleware: unknown[]): boolean {
    const [step] = middleware;
    if (!this.isOpen || middleware.length !== 1 || typeof step !== 'function' || step.length > 3) return false;
    this.steps.push(step as RequestHandler);
    return true;
  }

  /** What is added from now on comes after something of Express'. */
  close(): void {
    this.isOpen = false;
  }

  /** Serves a request that Express has not seen: sets of it what Express would. */
  readonly serve = (request: Request, response: Response): void => {
    request.res = response;
    request.baseUrl = '';
    request.originalUrl = request.url;
    response.locals = Object.create(null) as Response['locals'];
    this.run(request, response, (error) => {
      (request as Passed)[outcome] = { error };
      this.express(request, response);
    });
  };

  /** The chain's place in Express, for requests that come in there. */
  readonly handle: RequestHandler = (request, response, next) => {
    const passed = (request as Passed)[outcome];
    if (passed) next(passed.error);
    else this.run(request, response, next);
  };

  private run(request: Request, response: Response, done: (error?: unknown) => void): void {
    let place = 0;
    const next = (error?: unknown): void => {
      const step = error ? undefined : this.steps[place++];
      if (step) call(step, request, response, next);
      else done(error);
    };
    request.next = next;
    next();
  }
}

/** As Express calls it: what it throws, or its promise is rejected with, is the same as an error given to `next`. */
function call(step: RequestHandler, request: Request, response: Response, next: NextFunction): void {
  try {
    const result: unknown = step(request, response, next);
    if (result instanceof Promise)
      result.catch((reason: unknown) => next(reason ? reason : new Error('Rejected promise')));
  } catch (error) {
    next(error);
  }
}
