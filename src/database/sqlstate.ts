import { HttpStatus } from '@nestjs/common';
import { ProblemException, Unavailable } from '../common/http/problem.exception.js';

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
const unavailable = /^(08|57P0[1-5]|53|57014|25006|40001|40P01|55P03|28|3D000|42P01)/;

/** Codes of the socket and the resolver, which carry no SQLSTATE. */
const unreachable = /ECONN|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|EPIPE|ENOENT|ERR_STREAM/;

/** What node-postgres and TypeORM say of a connection that broke, is closed or took too long, without any code. */
const connectionMessages = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Query read timeout',
  'not queryable',
  'used up its time for the database',
  'Cannot use a pool after calling end',
  'Query runner already released',
  'Driver not Connected',
];

interface DriverError extends Error {
  code?: string;
  constraint?: string;
  driverError?: DriverError;
}

/** What the client is told of a database error, or undefined when it is none of ours to explain. */
export function databaseProblem(error: unknown): ProblemException | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause: DriverError = (error as DriverError).driverError ?? error;
  const code = cause.code ?? '';
  if (unstorable.has(code)) return new ProblemException(HttpStatus.BAD_REQUEST, 'invalid_value', { cause: error });
  if (code === '23505' || code === '23503') {
    return new ProblemException(HttpStatus.CONFLICT, 'conflict', { cause: error });
  }
  if (unavailable.test(code) || unreachable.test(code) || saysConnectionBroke(cause.message)) {
    return new Unavailable('database_unavailable', { cause: error });
  }
  return undefined;
}

function saysConnectionBroke(message: string): boolean {
  return connectionMessages.some((known) => message.includes(known));
}

/** The name of the unique constraint that an insert or update ran into, or undefined for any other error. */
export function violatedUnique(error: unknown): string | undefined {
  const cause = (error as DriverError | undefined)?.driverError;
  return cause?.code === '23505' ? cause.constraint : undefined;
}
