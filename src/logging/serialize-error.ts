/** What the log keeps of an error. Query parameters, SQL and details hold people's data, so fields are listed, not excluded. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Serializes any thrown value by an allow-list, causes included. */
export function serializeError(thrown: unknown): LoggedError | undefined {
  if (thrown === undefined || thrown === null) return undefined;
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'a value that is no Error was thrown' };
  const { code, driverError } = thrown as Error & { code?: unknown; driverError?: unknown };
  const cause = serializeError(driverError ?? thrown.cause);
  return {
    type: thrown.name,
    message: thrown.message,
    ...(typeof code === 'string' && { code }),
    stack: thrown.stack,
    ...(cause && { cause }),
  };
}
