import type { NextFunction, Request, RequestHandler, Response } from 'express';

interface TabledRoute {
  /** As Express has it in `request.route`. */
  readonly route: { readonly path: string };
  readonly segments: readonly string[];
  readonly handler: RequestHandler;
  /** The place in the order of registration: of two routes that fit, the first one serves. */
  readonly order: number;
}

const plainRoute = /^(\/:?[\w.~-]+)+$/;
const plainPath = /^(\/[\w.~-]+)+\/?$/;
/** Routes are kept by so many segments of the fixed beginning of their path. */
const keySegments = 3;

/**
 * Finds ordinary routes, of fixed segments and `:name`s, by the beginning of the path, where Express compares a request with
 * every route that comes before its own. What this does not understand, of routes or of paths, is left to Express, which
 * knows all routes.
 */
export class RouteTable {
  private readonly routes = new Map<string, TabledRoute[]>();
  private count = 0;
  private isOpen = true;

  /** Adds a route, unless one that only Express understands has come before it, and so goes first. */
  add(method: string, path: unknown, handler: RequestHandler): void {
    if (typeof path !== 'string' || !plainRoute.test(path)) this.close();
    if (!this.isOpen) return;
    const segments = (path as string).split('/').slice(1);
    const firstParam = segments.findIndex(isParam);
    const key = [method, ...segments.slice(0, Math.min(firstParam === -1 ? keySegments : firstParam, keySegments))];
    const route = { route: { path: path as string }, segments, handler, order: this.count++ };
    this.routes.set(key.join('/'), [...(this.routes.get(key.join('/')) ?? []), route]);
  }

  /** No more routes: others could precede the next ones. */
  close(): void {
    this.isOpen = false;
  }

  /** Calls the handler of the first route that fits, as Express would, or what comes next. */
  readonly handle = (request: Request, response: Response, next: NextFunction): unknown => {
    const path = pathOf(request.url);
    const segments = plainPath.test(path) ? segmentsOf(path) : undefined;
    const found = segments && this.find(request.method, segments);
    if (!found) {
      next();
      return undefined;
    }
    request.route = found.route;
    request.params = paramsOf(found, segments);
    return found.handler(request, response, next);
  };

  private find(method: string, segments: readonly string[]): TabledRoute | undefined {
    let found: TabledRoute | undefined;
    let key = method;
    for (let length = 0; ; length++) {
      for (const route of this.routes.get(key) ?? []) {
        if (fits(route, segments) && (!found || route.order < found.order)) found = route;
      }
      if (length === keySegments || length === segments.length) return found;
      key += `/${segments[length]}`;
    }
  }
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function segmentsOf(path: string): string[] {
  return path.slice(1, path.endsWith('/') ? -1 : undefined).split('/');
}

function isParam(segment: string): boolean {
  return segment.startsWith(':');
}

function fits(route: TabledRoute, segments: readonly string[]): boolean {
  return (
    route.segments.length === segments.length &&
    route.segments.every((wanted, index) => isParam(wanted) || wanted === segments[index])
  );
}

function paramsOf(route: TabledRoute, segments: readonly string[]): Record<string, string> {
  const params = Object.create(null) as Record<string, string>;
  for (let index = 0; index < segments.length; index++) {
    const name = route.segments[index]!;
    if (isParam(name)) params[name.slice(1)] = segments[index]!;
  }
  return params;
}
