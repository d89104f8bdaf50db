/**
 * Mechanisms that save time on each request and have a plain counterpart that does the same. They can be turned off one by
 * one, to measure them, to find out whether one is to blame, and to run all tests both ways.
 */
export const fastPaths = [
  /** Statements that TypeORM words once. Off: TypeORM at each call. */
  'statements',
  /** The server keeps statements that are used often parsed and planned. Off: they are sent as text. */
  'prepared-statements',
  /** Reads of one turn of the event loop share a connection. Off: a connection for each. */
  'shared-reads',
  /** Inserts of one turn of the event loop share a transaction. Off: each has its own. */
  'shared-inserts',
  /** Users are read again together. Off: each by itself. */
  'identities',
  /** Verified tokens are remembered. Off: each is verified anew. */
  'tokens',
  /** Request bodies of known length are read directly. Off: by body-parser. */
  'bodies',
  /** DTOs are checked by their own rules in one pass. Off: by class-transformer and class-validator. */
  'validation',
  /** The product's interceptors are called directly. Off: through rxjs. */
  'interceptors',
  /** Routes are found by the beginning of their path. Off: Express tries one after the other. */
  'routes',
  /** JSON answers without Express' extras. Off: by res.json. */
  'replies',
  /** Fixed headers in one prepared block. Off: one by one. */
  'headers',
  /** The lines of a request are worded here. Off: by pino. */
  'log-lines',
] as const;

export type FastPath = (typeof fastPaths)[number];
