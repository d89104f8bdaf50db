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
  const { code, driverError } = thrown as Error & { code?: unknown; driverError?: Error & { code?: unknown } };
  const isQuoting = quotesValue(code) || quotesValue(driverError?.code);
  const message = isQuoting ? 'the database refused a value' : thrown.message;
  const cause = serializeError(driverError ?? thrown.cause);
  return {
    type: thrown.name,
    message,
    ...(typeof code === 'string' && { code }),
    stack: isQuoting ? thrown.stack?.replace(thrown.message, message) : thrown.stack,
    ...(cause && { cause }),
  };
}

/** PostgreSQL's messages about data (SQLSTATE class 22) repeat the value, which may be anything. */
function quotesValue(code: unknown): boolean {
  return typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code);
}
