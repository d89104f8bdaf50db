import { STATUS_CODES } from 'node:http';

/** One fault of a request; `field` is a dotted path into the body or the query. */
export interface FieldFault {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** The body of every error answer (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Stable snake_case word for programs. */
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FieldFault[];
}

interface ProblemParts {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  /** Further members (RFC 9457, section 3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export const problemMediaType = 'application/problem+json';

const defaults: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['bad_request', 'The request is malformed.'],
  401: ['unauthorized', 'A valid access token is required.'],
  403: ['forbidden', 'You are not allowed to do this.'],
  404: ['not_found', 'There is no such resource.'],
  405: ['method_not_allowed', 'This resource does not know that method; see the Allow header.'],
  406: ['not_acceptable', 'There is no representation of this resource that you accept.'],
  408: ['request_timeout', 'The request did not arrive in time.'],
  409: ['conflict', 'The request conflicts with the state of the resource.'],
  412: ['precondition_failed', 'The resource has changed since you read it.'],
  413: ['payload_too_large', 'The request body is too large.'],
  414: ['uri_too_long', 'The URL is too long.'],
  415: ['unsupported_media_type', 'The request body must be JSON in UTF-8.'],
  417: ['expectation_failed', 'The Expect header asks for what this server can not do.'],
  422: ['unprocessable_content', 'The request can not be processed.'],
  428: ['precondition_required', 'Send the ETag that you read as If-Match.'],
  429: ['rate_limited', 'Too many requests; wait as long as Retry-After says.'],
  431: ['headers_too_large', 'The request headers are too many or too large.'],
  500: ['internal_error', 'Something went wrong on our side.'],
  503: ['service_unavailable', 'The service is not available right now; try again shortly.'],
};

/** Completes a problem with the standard words for its status. */
export function problemOf(parts: ProblemParts, requestId: string): Problem {
  const [code, detail] = defaults[parts.status] ?? defaults[parts.status < 500 ? 400 : 500] ?? ['error', ''];
  return {
    type: 'about:blank',
    title: STATUS_CODES[parts.status] ?? 'Error',
    status: parts.status,
    detail: parts.detail ?? detail,
    instance: `urn:request:${requestId}`,
    code: parts.code ?? code,
    requestId,
    ...(parts.errors && { errors: parts.errors }),
    ...parts.extensions,
  };
}
