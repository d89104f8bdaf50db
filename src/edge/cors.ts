import cors, { type CorsOptions } from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** CORS for the allowed origins. Answers preflights; another OPTIONS request is the router's, which tells Allow. */
export function crossOrigin(allowedOrigins: readonly string[]): RequestHandler {
  const apply = cors(optionsFor(allowedOrigins));
  return (request: Request, response: Response, next: NextFunction) => {
    const isAsked = request.headers.origin !== undefined && (request.method !== 'OPTIONS' || isPreflight(request));
    if (isAsked) apply(request, response, next);
    else next();
  };
}

/** Tokens travel in a header and never in a cookie, so credentials stay off. */
function optionsFor(allowedOrigins: readonly string[]): CorsOptions {
  return {
    origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'X-Request-ID'],
    exposedHeaders: ['ETag', 'Location', 'X-Request-ID', 'Retry-After', 'RateLimit'],
    maxAge: 600,
  };
}

function isPreflight({ headers }: Request): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
