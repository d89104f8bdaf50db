import { HttpException, HttpStatus } from '@nestjs/common';
import type { FieldFault } from './problem.js';

interface ProblemOptions {
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  /** Headers that go with the answer, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that a client must tell apart by its code. Others throw Nest's own exceptions. */
export class ProblemException extends HttpException {
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;

  constructor(
    status: HttpStatus,
    readonly code: string,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? code, status, { cause: options.cause });
    Object.assign(this, options);
  }
}

/** 400 validation_failed with every fault of the request. */
export class ValidationFailed extends ProblemException {
  constructor(errors: readonly FieldFault[]) {
    super(HttpStatus.BAD_REQUEST, 'validation_failed', { detail: 'The request has faults; see errors.', errors });
  }
}

/** 401 with the challenge that RFC 6750, section 3 asks for. */
export class Unauthorized extends ProblemException {
  constructor(code: string, options: { detail?: string; tokenSent?: boolean } = {}) {
    super(HttpStatus.UNAUTHORIZED, code, {
      detail: options.detail,
      headers: { 'WWW-Authenticate': options.tokenSent ? 'Bearer error="invalid_token"' : 'Bearer' },
    });
  }
}

/** 503 with a hint when to come back. */
export class Unavailable extends ProblemException {
  constructor(code: string, options: Omit<ProblemOptions, 'headers'> & { retryAfterSeconds?: number } = {}) {
    const { retryAfterSeconds = 1, ...others } = options;
    super(HttpStatus.SERVICE_UNAVAILABLE, code, { ...others, headers: { 'Retry-After': String(retryAfterSeconds) } });
  }
}
