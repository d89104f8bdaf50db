import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { RequestContext } from '../common/context/request-context.js';
import { securityHeaders } from './security-headers.js';

/** A response that has the headers of every answer once it knows its request. */
export interface FixedHeaders {
  /** Sets the security headers and X-Request-ID; X-Process-Time follows at the last moment before the headers leave. */
  fixHeaders(context: RequestContext): void;
}

export type FixedHeadersResponse = new (
  ...args: ConstructorParameters<typeof ServerResponse>
) => ServerResponse & FixedHeaders;

/** Seconds since the request began, as X-Process-Time tells them. */
export function processTimeOf(context: RequestContext): string {
  return (context.elapsedMs / 1000).toFixed(6);
}

/** Sets each of the fixed headers. */
export function withFixedHeaders(Base: typeof ServerResponse): FixedHeadersResponse {
  return class extends Base implements FixedHeaders {
    private context?: RequestContext;

    fixHeaders(context: RequestContext): void {
      this.context = context;
      for (const [name, value] of securityHeaders) this.setHeader(name, value);
      this.setHeader('X-Request-ID', context.requestId);
    }

    override writeHead(status: number, ...rest: unknown[]): this {
      if (this.context) this.setHeader('X-Process-Time', processTimeOf(this.context));
      return super.writeHead(status, ...(rest as [OutgoingHttpHeaders | OutgoingHttpHeader[]]));
    }
  };
}
