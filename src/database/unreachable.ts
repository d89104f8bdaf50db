/** Host, port and name of a database, for messages; never user or password. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** What the operator is told when a database can't be reached: which, why, and what to look at. */
export class DatabaseUnreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(
      `The database at ${addressOf(url)} can't be reached: ${reasonOf(cause)}. ` +
        'Check that it runs and that DATABASE_URL is right.',
      { cause },
    );
    this.name = 'DatabaseUnreachable';
  }
}

/** The driver's words. A name with several addresses fails with an error for each, and no words of its own. */
export function reasonOf(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first instanceof Error ? first.message : 'unknown reason';
}
