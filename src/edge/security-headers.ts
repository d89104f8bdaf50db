import helmet from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** The headers of every answer, as name and value. They never change, so helmet words them once and not per request. */
export const securityHeaders: readonly (readonly [string, string])[] = [
  ...wordedByHelmet(),
  ['Permissions-Policy', 'geolocation=(), microphone=(), camera=()'],
  // Most answers hold somebody's data; what may be kept says so itself.
  ['Cache-Control', 'no-store'],
  // Caches must know that a page of another origin would be answered differently.
  ['Vary', 'Origin'],
];

function wordedByHelmet(): [string, string][] {
  const headers: [string, string][] = [];
  const apply = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    hsts: { maxAge: 31_536_000, includeSubDomains: true },
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader = (name: string, value: unknown) => {
    headers.push([name, String(value)]);
    return response;
  };
  apply(response.req, response, () => undefined);
  return headers;
}
