import { AsyncResource } from 'node:async_hooks';
import { isUtf8 } from 'node:buffer';
import { HttpStatus } from '@nestjs/common';
import { json } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ProblemException, ValidationFailed } from '../common/http/problem.exception.js';
import { jsonFaultOf } from './json-guard.js';
import { isPlainBody, readPlainBody } from './plain-body.js';

const jsonType = /^application\/json\s*(;|$)/i;
const mergePatchType = /^application\/merge-patch\+json\s*(;|$)/i;
const foreignCharset = /;\s*charset\s*=\s*(?!(utf-?8|"utf-?8")\s*(;|$))/i;
const byteOrderMark = '\uFEFF';
/** So much over the limit is read off, since many clients listen only when they have said everything. */
const courtesyBytes = 1_048_576;

/**
 * Reads request bodies: JSON in UTF-8 (RFC 8259) of at most `maxBytes`, packed or not, and nothing else.
 * PATCH takes merge patches too (RFC 7396).
 * @param readsPlain whether bodies of known length that are not packed are read without body-parser
 */
export function jsonBody(maxBytes: number, readsPlain = true): RequestHandler {
  const parse = json({
    limit: maxBytes,
    type: () => true,
    verify: (_request, _response, bytes) => {
      if (!isUtf8(bytes)) throw notUtf8();
    },
  });
  return (request: Request, response: Response, next: NextFunction) => {
    if (!hasBody(request)) {
      next();
      return;
    }
    const isLong = isChunked(request) || lengthOf(request) > maxBytes + courtesyBytes;
    let isSettled = false;
    const settle = (error?: unknown) => {
      if (isSettled) return;
      isSettled = true;
      // Else Node would go on reading what nobody wants, and a chunked body may have no end.
      if (error && isLong && !request.complete) response.setHeader('Connection', 'close');
      next(error);
    };
    if (!isAcceptable(request)) {
      settle(new ProblemException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type'));
      return;
    }
    if (isLong && !isChunked(request)) {
      settle(tooLarge());
      return;
    }
    if (readsPlain && lengthOf(request) <= maxBytes && isPlainBody(request)) {
      readPlainBody(request, (bytes) => settle(bytes ? parsePlain(request, bytes) : unreadable()));
      return;
    }
    // The parser tells of a body that is too large only when it has read it off.
    if (isLong) callOver(maxBytes, request, () => settle(tooLarge()));
    parse(request, response, (error?: unknown) => settle(error ? problemOfParser(error) : faultOf(request)));
  };
}

function callOver(maxBytes: number, request: Request, isOver: () => void): void {
  let bytes = 0;
  // Bound, since chunks arrive outside of the request's context.
  const tell = AsyncResource.bind(isOver);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) tell();
  });
}

function tooLarge(): ProblemException {
  return new ProblemException(HttpStatus.PAYLOAD_TOO_LARGE, 'payload_too_large');
}

function hasBody(request: Request): boolean {
  return isChunked(request) || lengthOf(request) > 0;
}

function isChunked({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined;
}

function lengthOf({ headers }: Request): number {
  return Number(headers['content-length'] ?? 0);
}

function isAcceptable(request: Request): boolean {
  const type = request.headers['content-type'] ?? '';
  const isJson = jsonType.test(type) || (request.method === 'PATCH' && mergePatchType.test(type));
  return isJson && !foreignCharset.test(type);
}

function faultOf(request: Request): ValidationFailed | undefined {
  const fault = jsonFaultOf(request.body);
  return fault && new ValidationFailed([fault]);
}

/** Leaves what the bytes say in request.body. @returns what is wrong with them, if anything */
function parsePlain(request: Request, bytes: Buffer): ProblemException | undefined {
  if (!isUtf8(bytes)) return notUtf8();
  const text = bytes.toString();
  try {
    const body: unknown = JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
    if (typeof body !== 'object' || body === null) return malformedJson();
    request.body = body;
  } catch {
    return malformedJson();
  }
  return faultOf(request);
}

function notUtf8(): ValidationFailed {
  return new ValidationFailed([{ field: '', code: 'invalid_utf8', message: 'must be valid UTF-8' }]);
}

function malformedJson(): ProblemException {
  return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_json', {
    detail: 'The request body is not a JSON object or array.',
  });
}

function unreadable(cause?: unknown): ProblemException {
  return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_body', {
    detail: 'The request body could not be read.',
    cause,
  });
}

/** The parser's own messages repeat the input, so only the kind of error is kept. */
function problemOfParser(error: unknown): unknown {
  if (error instanceof ProblemException) return error;
  switch ((error as { type?: string }).type) {
    case 'entity.parse.failed':
      return malformedJson();
    case 'entity.too.large':
      return tooLarge();
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type');
    default:
      return unreadable(error);
  }
}
