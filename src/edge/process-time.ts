import { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Express } from 'express';
import type { RequestContext } from '../common/context/request-context.js';

/** A response that knows the request it belongs to. */
interface TimedResponse extends ServerResponse {
  timedBy?: RequestContext;
}

/** Ties the response to its request, for X-Process-Time. */
export function timeResponse(response: ServerResponse, context: RequestContext): void {
  (response as TimedResponse).timedBy = context;
}

/** Sets X-Process-Time on every answer of the application, at the last moment before the headers leave. */
export function stampProcessTime(instance: Express): void {
  instance.response.writeHead = function (this: TimedResponse, ...args: Parameters<ServerResponse['writeHead']>) {
    if (this.timedBy) this.setHeader('X-Process-Time', (this.timedBy.elapsedMs / 1000).toFixed(6));
    const prototype = this instanceof ServerResponse ? ServerResponse.prototype : Http2ServerResponse.prototype;
    return (prototype as ServerResponse).writeHead.apply(this, args);
  } as typeof instance.response.writeHead;
}
