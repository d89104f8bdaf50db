import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';

/** Whether a body is as nearly all are: of known length, not packed, and nobody has begun to read it. */
export function isPlainBody(request: IncomingMessage): boolean {
  const { headers, httpVersionMajor, readableDidRead, readableEncoding } = request;
  const isKnown = headers['transfer-encoding'] === undefined && headers['content-encoding'] === undefined;
  return isKnown && httpVersionMajor === 1 && !readableDidRead && readableEncoding === null;
}

/**
 * Reads a plain body without what body-parser does for streams of every kind.
 * @param done called as part of the request: with the body, or with undefined when its client broke off
 */
export function readPlainBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  // Bound, since events come outside of the request's context.
  const settle = AsyncResource.bind(done);
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => settle(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
  request.once('close', () => {
    if (!request.readableEnded) settle(undefined);
  });
}
