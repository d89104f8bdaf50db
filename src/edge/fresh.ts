import type { Express, Request, Response } from 'express';
import { isUnchanged } from '../common/http/etag.js';

/**
 * Whether the reader has the answer already (RFC 9110, section 13.1.2): If-None-Match holds the ETag that the handler set.
 * Only reading is saved by it; with another method it is a condition that nobody here offers.
 */
export function isFresh(request: Request, response: Response): boolean {
  const seen = request.headers['if-none-match'];
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return seen !== undefined && isRead && isUnchanged(seen, response.getHeader('ETag'));
}

/** Express asks the same of what it sends; by its own rule `*` would match answers that have no ETag at all. */
export function judgeFreshnessByEntityTag(instance: Express): void {
  Object.defineProperty(instance.request, 'fresh', {
    get(this: Request) {
      return this.res !== undefined && isFresh(this, this.res);
    },
  });
}
