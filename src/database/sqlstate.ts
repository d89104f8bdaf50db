import { HttpStatus } from '@nestjs/common';
import { QueryFailedError, TypeORMError } from 'typeorm';
import { ProblemException, Unavailable } from '../common/http/problem.exception.js';
import { ConnectionUnavailable } from './bounded-pool.js';

/** SQLSTATE codes (PostgreSQL manual, appendix A) that mean a value which no column of ours can hold. */
const unstorable = new Set([
  '22001',
  '22003',
  '22007',
  '22008',
  '22021',
  '22P02',
  '22P05',
  '23502',
  '23514',
  '2201W',
  '2201X',
]);

/** Codes and classes that mean that the database can't serve now: it is gone, full, read-only or was too slow. */
const unavailable = /^(08|57P0[1-5]|53|57014|25006|25P03|40001|40P01|55P03|28|3D000|42P01)/;

/** What the driver says of a connection that broke under a statement, without a SQLSTATE. */
const broken = /Connection terminated|Query read timeout|not queryable|ran out of time|runner already released/;
const brokenCodes = /ECONN|ETIMEDOUT|EHOST|ENET|EPIPE|ERR_STREAM/;

interface DriverError extends Error {
  code?: string;
  constraint?: string;
}

/** What the client is told of a database error, or undefined when it is none of ours to explain. */
export function databaseProblem(error: unknown): ProblemException | undefined {
  if (error instanceof ConnectionUnavailable) return new Unavailable('database_unavailable', { cause: error });
  if (!(error instanceof TypeORMError)) return undefined;
  const cause: DriverError = error instanceof QueryFailedError ? (error.driverError as DriverError) : error;
  const code = cause.code ?? '';
  if (unstorable.has(code)) return new ProblemException(HttpStatus.BAD_REQUEST, 'invalid_value', { cause: error });
  if (code === '23505' || code === '23503') {
    return new ProblemException(HttpStatus.CONFLICT, 'conflict', { cause: error });
  }
  if (unavailable.test(code) || brokenCodes.test(code) || broken.test(cause.message)) {
    return new Unavailable('database_unavailable', { cause: error });
  }
  return undefined;
}

/** The name of the unique index or foreign key that a statement ran into, or undefined for any other error. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, constraint } = error.driverError as DriverError;
  return code === '23505' || code === '23503' ? constraint : undefined;
}
