import { getSchemaPath, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { problemMediaType, problemOf } from './problem.js';

const exampleRequestId = '0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90';

/** When each error status is answered. A status that is missing here can't be documented by mistake. */
const occasions: Readonly<Record<number, string>> = {
  400: 'The body or a parameter is not as documented, or the JSON is malformed. `errors` lists every fault at once.',
  401: 'No credentials, or bad ones.',
  403: 'Signed in, but not allowed to do this.',
  404: 'There is no such resource, or it belongs to someone else: the answers are the same.',
  409: 'It clashes with what is stored, for example a name that is taken; `code` tells which.',
  412: 'If-Match is stale: the resource has changed since its ETag was read.',
  413: 'The body is larger than the server takes.',
  415: 'The body has another content type, charset or encoding than documented.',
  422: 'The Idempotency-Key was used before with another body.',
  428: "If-Match is missing. Send the ETag that you read, so that nobody else's change is lost.",
  429: 'Over a limit. Come back after the seconds that Retry-After says.',
  503: 'Overloaded, about to stop, or the database is away. Nothing was done; come back after Retry-After.',
};

/** Codes and faults of the examples, where they are not the standard ones of the status. */
const exampleParts: Readonly<Record<number, Partial<Parameters<typeof problemOf>[0]>>> = {
  400: {
    code: 'validation_failed',
    detail: 'The request has faults; see errors.',
    errors: [{ field: 'limit', code: 'max', message: 'must not be greater than 100' }],
  },
  409: { code: 'username_taken', detail: 'The username is taken.' },
};

/**
 * What an operation documents for an error status: the occasion, the Problem schema and an example.
 * @throws Error when the API never answers that status by intent.
 */
export function problemResponse(status: number): ApiResponseNoStatusOptions & { description: string } {
  const description = occasions[status];
  if (!description) throw new Error(`Status ${status} has no documented occasion.`);
  return {
    description,
    content: {
      [problemMediaType]: {
        schema: { $ref: getSchemaPath('Problem') },
        example: problemOf({ status, ...exampleParts[status] }, exampleRequestId),
      },
    },
  };
}
