import { HttpStatus } from '@nestjs/common';
import type { Express, NextFunction, Request, Response } from 'express';
import { ProblemException } from '../common/http/problem.exception.js';

interface RouteLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** Answers each known path's other methods with 405 and Allow (RFC 9110, section 15.5.6). Call it after all routes. */
export function refuseOtherMethods(instance: Express): void {
  const allowed = new Map<string, string[]>();
  for (const { route } of instance.router.stack as RouteLayer[]) {
    if (!route) continue;
    const methods = Object.keys(route.methods).map((method) => method.toUpperCase());
    allowed.set(route.path, [...(allowed.get(route.path) ?? []), ...methods]);
  }
  // OPTIONS * asks about the server as a whole (RFC 9110, section 9.3.7).
  instance.all(/^\*$/, refuse(allowHeader([...allowed.values()].flat())));
  for (const [path, methods] of allowed) instance.all(path, refuse(allowHeader(methods)));
}

function refuse(allow: string) {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.method === 'OPTIONS') {
      response.setHeader('Allow', allow);
      response.status(HttpStatus.NO_CONTENT).end();
      return;
    }
    next(new ProblemException(HttpStatus.METHOD_NOT_ALLOWED, 'method_not_allowed', { headers: { Allow: allow } }));
  };
}

function allowHeader(methods: string[]): string {
  return [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ');
}
