import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express, Request } from 'express';
import { withFixedHeaders } from './fixed-headers.js';
import { sendsPreparedHeaders, withPreparedHeaders } from './prepared-headers.js';

/** What Node's HTTP server makes requests and responses of. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Node's messages, born with Express' methods and our headers. Express would give each a new prototype, which makes all
 * that V8 has learned of their shape worthless; it leaves those that have the right one as they are.
 */
export function messageClassesOf(instance: Express, preparesHeaders: boolean): MessageClasses {
  const ExpressRequest = bornWith(IncomingMessage, instance.request);
  const ExpressResponse = withFixedHeaders(bornWith(ServerResponse, instance.response));
  const EdgeResponse =
    preparesHeaders && sendsPreparedHeaders() ? withPreparedHeaders(ExpressResponse) : ExpressResponse;
  instance.request = ExpressRequest.prototype as unknown as Request;
  instance.response = EdgeResponse.prototype as Express['response'];
  return { IncomingMessage: ExpressRequest, ServerResponse: EdgeResponse as unknown as typeof ServerResponse };
}

/** A class whose instances have the methods of `prototype`, which must itself come from that of `Base`. */
function bornWith<T extends abstract new (...args: never[]) => object>(Base: T, prototype: object): T {
  class Born extends (Base as unknown as new () => object) {}
  Object.setPrototypeOf(Born.prototype, prototype);
  return Born as unknown as T;
}
