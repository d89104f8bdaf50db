import type { CorsOptions } from 'cors';

/** Tokens travel in a header and never in a cookie, so credentials stay off. */
export function corsOptions(allowedOrigins: readonly string[]): CorsOptions {
  return {
    origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'X-Request-ID'],
    exposedHeaders: ['ETag', 'Location', 'X-Request-ID', 'Retry-After', 'RateLimit'],
    maxAge: 600,
  };
}
