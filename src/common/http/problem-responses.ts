import { getSchemaPath, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto.js';

interface ProblemResponse {
  title: string;
  code: string;
  /** When it happens, for the documentation. */
  when: string;
  /** What the answer tells. */
  detail: string;
}

/** Every error status that an operation can document. A status that is missing here can't be documented by mistake. */
const problems: Record<number, ProblemResponse> = {
  400: {
    title: 'Bad Request',
    code: 'validation_failed',
    when: 'The body, a parameter or the JSON itself is not as documented. `errors` lists every fault at once.',
    detail: 'The request has 1 fault.',
  },
  401: {
    title: 'Unauthorized',
    code: 'unauthorized',
    when: 'No credentials, or bad ones.',
    detail: 'Sign in to use this.',
  },
  403: {
    title: 'Forbidden',
    code: 'forbidden',
    when: 'Signed in, but not allowed to do this.',
    detail: 'Your account may not do this.',
  },
  404: {
    title: 'Not Found',
    code: 'not_found',
    when: 'There is no such thing, or it belongs to someone else; the answers are the same.',
    detail: 'There is no such resource.',
  },
  409: {
    title: 'Conflict',
    code: 'username_taken',
    when: 'It clashes with what is stored, for example a name that is taken; `code` tells which.',
    detail: 'The username is taken.',
  },
  412: {
    title: 'Precondition Failed',
    code: 'precondition_failed',
    when: 'If-Match is stale: the resource has changed since its ETag was read. Read it again.',
    detail: 'The resource has changed since you read it.',
  },
  413: {
    title: 'Payload Too Large',
    code: 'payload_too_large',
    when: 'The body is larger than the server takes.',
    detail: 'The request body is too large.',
  },
  415: {
    title: 'Unsupported Media Type',
    code: 'unsupported_media_type',
    when: 'The body is of another content type, charset or encoding than documented.',
    detail: 'Send the body as JSON in UTF-8.',
  },
  422: {
    title: 'Unprocessable Content',
    code: 'idempotency_key_reused',
    when: 'The Idempotency-Key was used before with another body.',
    detail: 'This Idempotency-Key belongs to another request.',
  },
  428: {
    title: 'Precondition Required',
    code: 'precondition_required',
    when: 'If-Match is missing. Send the ETag of what you read, so that no change of another is lost.',
    detail: 'Send If-Match with the ETag that you read.',
  },
  429: {
    title: 'Too Many Requests',
    code: 'rate_limited',
    when: 'Over a limit. Wait for the seconds that Retry-After tells.',
    detail: 'Too many requests; try again later.',
  },
  503: {
    title: 'Service Unavailable',
    code: 'service_unavailable',
    when: 'Overloaded, about to stop, or the database is away. Nothing was done; try again after Retry-After.',
    detail: 'The service is not available; try again soon.',
  },
};

/**
 * What an operation documents for an error status: the Problem schema with an example of it.
 * @throws Error when the status is not one that the API answers.
 */
export function problemResponse(status: number): ApiResponseNoStatusOptions {
  const problem = problems[status];
  if (!problem) throw new Error(`No problem is defined for status ${status}.`);
  const { title, code, when, detail } = problem;
  const requestId = '0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90';
  const instance = `urn:request:${requestId}`;
  const errors =
    status === 400 ? [{ field: 'limit', code: 'max', message: 'must not be greater than 100' }] : undefined;
  return {
    description: when,
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath('Problem') },
        example: { type: 'about:blank', title, status, detail, instance, code, requestId, errors } satisfies ProblemDto,
      },
    },
  };
}
