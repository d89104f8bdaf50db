import { Client, Pool, type PoolClient, type PoolConfig } from 'pg';
import { currentContext } from '../common/context/request-context.js';

interface BoundedPoolConfig extends PoolConfig {
  readonly query_timeout: number;
  readonly connectionTimeoutMillis: number;
}

type Checkout = (error: Error | undefined, client: PoolClient | undefined, release: (error?: unknown) => void) => void;

const outOfTime = 'The request has used up its time for the database';
/** How a server says that it ends the session (PostgreSQL manual, 54.8: severity, never translated). */
const endsSession = new Set(['FATAL', 'PANIC']);

/**
 * node-postgres' pool with what it lacks: all that one request waits for, for connections and answers together, ends within
 * one connect timeout and one query timeout; and a connection that broke or stayed silent is destroyed, never lent again.
 */
export class BoundedPool extends Pool {
  /** What TypeORM calls; it hands a callback over and ignores the result. */
  override connect(checkout?: Checkout): Promise<PoolClient> & void {
    const { query_timeout: queryTimeoutMs } = this.options as BoundedPoolConfig & typeof this.options;
    if (checkout && elapsedMs() > queryTimeoutMs) {
      checkout(new Error(outOfTime), undefined, () => undefined);
      return undefined as never;
    }
    return super.connect(checkout as never) as never;
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
  }

  /** Bounds the form that TypeORM uses, text with values; others (streams, callbacks) pass as they are. */
  override query(text: unknown, values?: unknown, ...rest: unknown[]): never {
    const query = super.query.bind(this) as (...args: unknown[]) => unknown;
    if (typeof text !== 'string' || typeof values === 'function' || rest.length > 0) {
      return query(text, values, ...rest) as never;
    }
    const leftMs = this.budgetMs - elapsedMs();
    if (leftMs <= 0) return Promise.reject(new Error(outOfTime)) as never;
    const limited = { text, values, query_timeout: Math.min(this.queryTimeoutMs, leftMs) };
    const answer = query(limited) as Promise<unknown>;
    return answer.catch((error: Error & { severity?: string }) => {
      // Marks the connection as ending, which keeps the pool from taking it back, and cuts it while it owes an answer.
      if (error.message === 'Query read timeout' || endsSession.has(error.severity ?? '')) void this.end();
      throw error;
    }) as never;
  }
}

/** How long the request that asks is being served; 0 outside of one. */
function elapsedMs(): number {
  return currentContext()?.elapsedMs ?? 0;
}
