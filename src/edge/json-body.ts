import { AsyncResource } from 'node:async_hooks';
import { isUtf8 } from 'node:buffer';
import { HttpStatus } from '@nestjs/common';
import { json } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ProblemException, ValidationFailed } from '../common/http/problem.exception.js';
import type { FieldFault } from '../common/http/problem.js';
import { jsonFaultOf } from './json-guard.js';

const jsonType = /^application\/json\s*(;|$)/i;
const mergePatchType = /^application\/merge-patch\+json\s*(;|$)/i;
const foreignCharset = /;\s*charset\s*=\s*(?!(utf-?8|"utf-?8")\s*(;|$))/i;
/** So much over the limit is read off, since many clients listen only when they have said everything. */
const courtesyBytes = 1_048_576;

/**
 * Reads request bodies: JSON in UTF-8 (RFC 8259) of at most `maxBytes`, packed or not, and nothing else.
 * PATCH takes merge patches too (RFC 7396).
 */
export function jsonBody(maxBytes: number): RequestHandler {
  const parse = json({
    limit: maxBytes,
    type: () => true,
    verify: (_request, _response, bytes) => {
      if (!isUtf8(bytes)) throw new ValidationFailed([bodyFault('invalid_utf8', 'must be valid UTF-8')]);
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

function bodyFault(code: string, message: string): FieldFault {
  return { field: '', code, message };
}

/** The parser's own messages repeat the input, so only the kind of error is kept. */
function problemOfParser(error: unknown): unknown {
  if (error instanceof ProblemException) return error;
  switch ((error as { type?: string }).type) {
    case 'entity.parse.failed':
      return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_json', {
        detail: 'The request body is not a JSON object or array.',
      });
    case 'entity.too.large':
      return tooLarge();
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type');
    default:
      return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_body', {
        detail: 'The request body could not be read.',
        cause: error,
      });
  }
}
