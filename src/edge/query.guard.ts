import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/internal';
import type { Request } from 'express';
import { requestOf } from '../common/http/exchange.js';
import { ValidationFailed } from '../common/http/problem.exception.js';
import { oncePerRoute } from '../common/route-metadata.js';

const routeArguments = '__routeArguments__';

/** Refuses query keys on a route that declares none: silence would look as if they had been understood. */
@Injectable()
export class QueryGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const request = requestOf<Request>(execution);
    if (!request.url.includes('?') || takesQuery(execution)) return true;
    const unknown = Object.keys(request.query);
    if (unknown.length === 0) return true;
    throw new ValidationFailed(
      unknown.map((key) => ({
        field: key.slice(0, 100),
        code: 'unknown_property',
        message: 'is not a known property',
      })),
    );
  }
}

const takesQuery = oncePerRoute((route) => {
  const args = Reflect.getMetadata(routeArguments, route.getClass(), route.getHandler().name) as object | undefined;
  return Object.keys(args ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
});
