import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { withFixedHeaders } from './fixed-headers.js';
import express, { type Express, type Request, type Response } from 'express';

type Prototypes = Readonly<Record<'request' | 'response', object>>;

/** What Nest and libraries tell a connection, which many requests share in HTTP/2, so that Node throws at it. */
const silentMethods = new Set<PropertyKey>(['setKeepAlive', 'setNoDelay', 'setTimeout']);
const tolerantSockets = new WeakMap<object, object>();

/**
 * Express over Node's HTTP/2 requests. Express gives each request and response prototypes that end in those of HTTP/1,
 * which breaks an HTTP/2 one (express#6580); here they get the same methods over prototypes that end in their own.
 */
export function http2Handler(instance: Express): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  const prototypes = prototypesOf(instance);
  return (http2Request, http2Response) => {
    asGatewayWould(http2Request);
    Object.setPrototypeOf(http2Request, prototypes.request);
    Object.setPrototypeOf(http2Response, prototypes.response);
    const request = http2Request as unknown as Request;
    const response = http2Response as unknown as Response;
    request.res = response;
    response.req = request;
    response.locals = Object.create(null) as Response['locals'];
    // Nest's own handlers come before: a request that nobody answers does not get here.
    instance.router(request, response, () => response.destroy());
  };
}

/** Gives what HTTP/1 says in other words, as RFC 9113, section 8.3.1 has it of an intermediary. */
function asGatewayWould({ headers, authority, stream }: Http2ServerRequest): void {
  if (authority) headers.host ??= authority;
  if (!stream.endAfterHeaders && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
}

function prototypesOf(instance: Express): Prototypes {
  const request = Object.create(Http2ServerRequest.prototype, {
    ...Object.getOwnPropertyDescriptors(express.request),
    ...Object.getOwnPropertyDescriptors(instance.request),
    socket: {
      get(this: Http2ServerRequest) {
        return tolerant(inherited(this, 'socket') as object);
      },
    },
    // As in HTTP/1, a request without a body is complete before somebody reads it.
    complete: {
      get(this: Http2ServerRequest) {
        return this.stream.endAfterHeaders || inherited(this, 'complete');
      },
    },
  }) as object;
  const FixedHeadersResponse = withFixedHeaders(Http2ServerResponse as never);
  const response = Object.create(FixedHeadersResponse.prototype as object, {
    ...Object.getOwnPropertyDescriptors(express.response),
    ...Object.getOwnPropertyDescriptors(instance.response),
    setHeader: {
      value(this: Http2ServerResponse, name: string, value: string) {
        // HTTP/2 has no such header (RFC 9113, section 8.2.2); Node would drop it with a warning.
        if (name.toLowerCase() !== 'connection') Http2ServerResponse.prototype.setHeader.call(this, name, value);
        return this;
      },
    },
  }) as object;
  return { request, response };
}

function inherited(request: Http2ServerRequest, name: string): unknown {
  return Reflect.get(Http2ServerRequest.prototype, name, request);
}

function tolerant(socket: object): object {
  let known = tolerantSockets.get(socket);
  if (!known) {
    known = new Proxy(socket, {
      get: (target, name) => (silentMethods.has(name) ? () => undefined : (Reflect.get(target, name) as unknown)),
    });
    tolerantSockets.set(socket, known);
  }
  return known;
}
