import { applyDecorators, SetMetadata } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import { oncePerRoute } from '../common/route-metadata.js';

const LOGIN_RATE_LIMIT = 'rate-limit:login';
export const SKIP_RATE_LIMIT = 'rate-limit:skip';

/** Counts the route against RATE_LIMIT_LOGIN by address, in place of the anonymous limit. */
export const LoginRateLimit = () => SetMetadata(LOGIN_RATE_LIMIT, true);

/** Exempts a route or a controller from every limit. */
export const SkipRateLimit = () =>
  applyDecorators(
    SetMetadata(SKIP_RATE_LIMIT, true),
    SkipThrottle({ anonymous: true, authenticated: true, login: true }),
  );

export const hasLoginRateLimit = oncePerRoute(
  (route) => Reflect.getMetadata(LOGIN_RATE_LIMIT, route.getHandler()) === true,
);
