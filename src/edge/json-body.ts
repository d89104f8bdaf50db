import { isUtf8 } from 'node:buffer';
import { HttpStatus } from '@nestjs/common';
import { json } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ProblemException, ValidationFailed } from '../common/http/problem.exception.js';
import type { FieldFault } from '../common/http/problem.js';
import { jsonFaultOf } from './json-guard.js';

const jsonType = /^application\/json\s*(;|$)/i;
const mergePatchType = /^application\/merge-patch\+json\s*(;|$)/i;
const foreignCharset = /;\s*charset\s*=\s*"?(?!utf-?8"?\s*(;|$))/i;

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
    if (!isAcceptable(request)) {
      next(new ProblemException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type'));
      return;
    }
    parse(request, response, (error?: unknown) => next(error ? problemOfParser(error) : faultOf(request)));
  };
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
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
      return new ProblemException(HttpStatus.PAYLOAD_TOO_LARGE, 'payload_too_large', {
        headers: { Connection: 'close' },
      });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type');
    case 'entity.verify.failed':
      return new ValidationFailed([bodyFault('invalid_utf8', 'must be valid UTF-8')]);
    default:
      return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_body', {
        detail: 'The request body could not be read.',
        cause: error,
      });
  }
}
