import { HttpStatus } from '@nestjs/common';
import { ProblemException } from './problem.exception.js';

/** What an If-Match header asks for (RFC 9110, section 13.1.1): any version, or one of these. */
export type VersionMatch = 'any' | readonly number[];

/** The entity tag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Reads If-Match. Weak and foreign tags never match, as the strong comparison has it. */
export function parseIfMatch(header: string): VersionMatch {
  if (header.trim() === '*') return 'any';
  return header
    .split(',')
    .map((tag) => /^"([1-9]\d{0,9})"$/.exec(tag.trim())?.[1])
    .filter((version) => version !== undefined)
    .map(Number)
    .filter((version) => version <= 2_147_483_647);
}

/**
 * Whether If-None-Match (RFC 9110, section 13.1.2) holds the present entity tag, by the weak comparison. A Cache-Control:
 * no-cache beside it, which Node's fetch sends, asks for validation and not for the body.
 */
export function isUnchanged(ifNoneMatch: string, etag: unknown): boolean {
  if (typeof etag !== 'string') return false;
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

/** 428: a change needs If-Match. */
export class PreconditionRequired extends ProblemException {
  constructor() {
    super(HttpStatus.PRECONDITION_REQUIRED, 'precondition_required');
  }
}

/** 412: the version of If-Match is not the present one. */
export class PreconditionFailed extends ProblemException {
  constructor() {
    super(HttpStatus.PRECONDITION_FAILED, 'precondition_failed');
  }
}
