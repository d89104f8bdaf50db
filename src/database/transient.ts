import { isOutdated } from './prepared-statements.js';

/** The server undid the whole transaction for the sake of others: serialization failure, deadlock. */
const conflicts = new Set(['40001', '40P01']);

/** The session was ended from outside, or the connection broke; what was sent last may or may not have been done. */
const brokenCodes = new Set(['57P01', '57P02', 'ECONNRESET', 'EPIPE']);

/**
 * Whether the work was undone though nothing was wrong with it, and can be done again as a whole. Takes the driver's error or
 * TypeORM's around it.
 */
export function isConflict(error: unknown): boolean {
  return conflicts.has(codeOf(error)) || isOutdated(driverErrorOf(error));
}

/** Whether the connection turned out to be dead. */
export function isBrokenConnection(error: unknown): boolean {
  return (
    brokenCodes.has(codeOf(error)) || (error instanceof Error && error.message === 'Connection terminated unexpectedly')
  );
}

/** Whether the server ended a statement because it was told to, or because its time was up. */
export function isCancelled(error: unknown): boolean {
  return codeOf(error) === '57014';
}

function codeOf(error: unknown): string {
  return driverErrorOf(error).code ?? '';
}

function driverErrorOf(error: unknown): { code?: string; routine?: string } {
  const { driverError } = (error ?? {}) as { driverError?: { code?: string } };
  return driverError ?? error ?? {};
}
