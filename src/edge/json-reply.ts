import type { Response } from 'express';
import { jsonText } from '../common/http/json-text.js';
import { isFresh } from './fresh.js';

/** Whether a handler's answer is data for JSON and nothing has chosen another type. */
export function isJsonReply(response: Response, body: unknown): body is object {
  return typeof body === 'object' && body !== null && isPlain(body) && !response.hasHeader('Content-Type');
}

/**
 * Sends JSON as Express' res.json does, without what it computes for each answer: no hashing, no charset parsing, no
 * copies. A request whose If-None-Match holds the ETag that the handler set gets 304 (RFC 9110, section 13.1.2).
 */
export function sendJson(response: Response, body: object): void {
  const { req: request } = response;
  if (isFresh(request, response)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const text = jsonText(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Streams, buffers and errors are the framework's to answer. */
function isPlain(body: object): boolean {
  const prototype = Object.getPrototypeOf(body) as object | null;
  return (
    prototype === Object.prototype ||
    Array.isArray(body) ||
    !(Symbol.asyncIterator in body || ArrayBuffer.isView(body) || body instanceof Error || 'getStream' in body)
  );
}
