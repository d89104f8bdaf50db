import { STATUS_CODES } from 'node:http';
import type { HeaderObject, OperationObject, ParameterObject, ReferenceObject, ResponseObject } from '@nestjs/swagger';
import { problemResponse } from '../../common/http/problem-responses.js';
import type { OperationTraits } from './operation-traits.js';

/** Headers that many answers share, for components.headers of the document. */
export const sharedHeaders: Record<string, HeaderObject> = {
  'X-Request-ID': {
    description: 'Id of the request: the one that was sent, when it matches `[A-Za-z0-9._-]{1,64}`, or else a new one.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
  },
  'X-Process-Time': {
    description: 'Seconds that the server spent on the request.',
    required: true,
    schema: { type: 'string', pattern: String.raw`^\d+(\.\d+)?$`, example: '0.004' },
  },
  RateLimit: {
    description:
      'What is left of the limit and the seconds until it is whole again (IETF draft RateLimit header fields).',
    schema: { type: 'string', example: '"default";r=99;t=3600' },
  },
  'RateLimit-Policy': {
    description: 'The limit and its window in seconds.',
    schema: { type: 'string', example: '"default";q=100;w=3600' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next try.',
    required: true,
    schema: { type: 'string', pattern: String.raw`^\d+$`, example: '30' },
  },
  'WWW-Authenticate': {
    description: '`Bearer`, with `error="invalid_token"` when a token was sent (RFC 6750).',
    required: true,
    schema: { type: 'string', example: 'Bearer' },
  },
};

/** Adds to an operation what follows from its traits: security, the errors any such operation answers, and the headers. */
export function completeOperation(operation: OperationObject, traits: OperationTraits): void {
  if (traits.isPublic) operation.security ??= [];
  operation.parameters?.forEach(describeId);
  for (const status of problemStatuses(operation, traits)) operation.responses[status] ??= problemResponse(status);
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    response.description ||= STATUS_CODES[status] ?? '';
    addHeaders(response, Number(status), traits);
  }
}

/** Ids are UUIDs throughout; the type alone would say string. */
function describeId(parameter: ParameterObject | ReferenceObject): void {
  if ('$ref' in parameter || parameter.in !== 'path' || parameter.name !== 'id') return;
  parameter.schema = { format: 'uuid', ...parameter.schema };
}

function problemStatuses(operation: OperationObject, traits: OperationTraits): number[] {
  return [
    // Without any input too: unknown query keys are refused everywhere.
    400,
    ...(traits.isPublic ? [] : [401]),
    ...(operation.requestBody ? [413, 415] : []),
    // What is not limited is not shed either: health, metrics and this documentation.
    ...(traits.isLimited ? [429, 503] : []),
  ];
}

function addHeaders(response: ResponseObject, status: number, traits: OperationTraits): void {
  const names = [
    'X-Request-ID',
    'X-Process-Time',
    ...(traits.isLimited ? ['RateLimit', 'RateLimit-Policy'] : []),
    ...(status === 401 ? ['WWW-Authenticate'] : []),
    ...(status === 429 || status === 503 ? ['Retry-After'] : []),
  ];
  response.headers = { ...Object.fromEntries(names.map((name) => [name, headerReference(name)])), ...response.headers };
}

function headerReference(name: string): ReferenceObject {
  return { $ref: `#/components/headers/${name}` };
}
