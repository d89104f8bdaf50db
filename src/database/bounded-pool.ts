import { Client, Pool, type PoolClient, type PoolConfig, type QueryArrayConfig, type QueryArrayResult } from 'pg';
import { currentContext } from '../common/context/request-context.js';
import { reasonOf } from './unreachable.js';

interface BoundedPoolConfig extends PoolConfig {
  readonly query_timeout: number;
  readonly connectionTimeoutMillis: number;
}

type Checkout = (error: Error | undefined, client: PoolClient | undefined, release: (error?: unknown) => void) => void;

/** No connection could be had: the database is away or full, or all connections are taken. */
export class ConnectionUnavailable extends Error {
  constructor(cause: Error) {
    super(reasonOf(cause), { cause });
    this.name = 'ConnectionUnavailable';
  }
}

const outOfTime = 'The request ran out of time for the database';
/** How a server says that it ends the session (PostgreSQL manual, 54.8: severity, never translated). */
const endsSession = new Set(['FATAL', 'PANIC']);

/**
 * node-postgres' pool with what it lacks: all that one request waits for, for connections and answers together, ends within
 * one connect timeout and one query timeout; and a connection that broke or stayed silent is destroyed, never lent again.
 */
export class BoundedPool extends Pool {
  /** The form that TypeORM uses: it hands a callback over. @throws ConnectionUnavailable, through the callback */
  override connect(checkout?: Checkout): never {
    if (!checkout) return super.connect() as never;
    const { query_timeout: queryTimeoutMs = Infinity } = this.options;
    if (elapsedMs() > queryTimeoutMs) {
      checkout(new ConnectionUnavailable(new Error(outOfTime)), undefined, () => undefined);
      return undefined as never;
    }
    return super.connect((error, client, release) => {
      checkout(error && new ConnectionUnavailable(error), client, release);
    }) as never;
  }

  /** One statement on whichever connection is free. */
  run(query: QueryArrayConfig): Promise<QueryArrayResult> {
    return new Promise((resolve, reject) => {
      this.connect((error, client, release) => {
        if (error || !client) {
          reject(error ?? new Error('No connection'));
          return;
        }
        client.query(query).then(resolve, reject).finally(release);
      });
    });
  }

  /** Opens as many connections as are kept, so that the first requests don't wait for them. */
  async fill(): Promise<void> {
    const wanted = Array.from({ length: this.options.min ?? 0 }, () => super.connect());
    for (const opened of await Promise.allSettled(wanted)) {
      if (opened.status === 'fulfilled') opened.value.release();
    }
  }
}

/** The connections of that pool. */
export class BoundedClient extends Client {
  private readonly queryTimeoutMs: number;
  private readonly budgetMs: number;

  constructor(config: BoundedPoolConfig) {
    super(config);
    this.queryTimeoutMs = config.query_timeout;
    this.budgetMs = config.query_timeout + config.connectionTimeoutMillis;
    // A connection that breaks fails its statement, and tells so by an event too, which without a listener ends the process.
    this.on('error', () => undefined);
  }

  /** Bounds text with values, as TypeORM has it, and a plain description; others (streams, callbacks) pass as they are. */
  override query(text: unknown, values?: unknown, ...rest: unknown[]): never {
    const query = super.query.bind(this) as (...args: unknown[]) => unknown;
    const described = typeof text === 'string' ? { text, values } : isDescription(text) ? text : undefined;
    if (!described || typeof values === 'function' || rest.length > 0) return query(text, values, ...rest) as never;
    const leftMs = this.budgetMs - elapsedMs();
    if (leftMs <= 0) return Promise.reject(new Error(outOfTime)) as never;
    const limited = { ...described, query_timeout: Math.min(this.queryTimeoutMs, leftMs) };
    const answer = query(limited) as Promise<unknown>;
    return answer.catch((error: Error & { severity?: string }) => {
      // Marks the connection as ending, which keeps the pool from taking it back, and cuts it while it owes an answer.
      if (error.message === 'Query read timeout' || endsSession.has(error.severity ?? '')) void this.end();
      throw error;
    }) as never;
  }
}

/** Whether it is a description of a statement, and not an object that runs one itself. */
function isDescription(query: unknown): query is QueryArrayConfig {
  return typeof query === 'object' && query !== null && !('submit' in query);
}

/** How long the request that asks is being served; 0 outside of one. */
function elapsedMs(): number {
  return currentContext()?.elapsedMs ?? 0;
}
