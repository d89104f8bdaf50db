import { Client, Pool, type PoolClient, type PoolConfig, type QueryArrayConfig } from 'pg';
import { currentContext } from '../common/context/request-context.js';
import { brokenBy } from './broken-connection.js';
import { LeanQuery, type Row, type Statement } from './lean-query.js';
import { SharedReads } from './shared-reads.js';
import { reasonOf } from './unreachable.js';

interface BoundedPoolConfig extends PoolConfig {
  readonly query_timeout: number;
  readonly connectionTimeoutMillis: number;
  /** Whether statements are worded once, and reads share connections; see FAST_PATHS_OFF. */
  readonly compilesStatements: boolean;
  readonly pipeline: boolean;
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

/**
 * node-postgres' pool with what it lacks: all that one request waits for, for connections and answers together, ends within
 * one connect timeout and one query timeout; and a connection that broke or stayed silent is destroyed, never lent again.
 */
export class BoundedPool extends Pool {
  declare readonly options: BoundedPoolConfig & Pool['options'];
  private readonly sharedReads = new SharedReads((borrower) => this.connect(borrower));

  /** The form that TypeORM uses: it hands a callback over. @throws ConnectionUnavailable, through the callback */
  override connect(checkout?: Checkout): never {
    if (!checkout) return super.connect() as never;
    if (elapsedMs() > this.options.query_timeout) {
      checkout(new ConnectionUnavailable(new Error(outOfTime)), undefined, () => undefined);
      return undefined as never;
    }
    return super.connect((error, client, release) => {
      checkout(error && new ConnectionUnavailable(error), client, release);
    }) as never;
  }

  get compilesStatements(): boolean {
    return this.options.compilesStatements;
  }

  /** One statement that only reads; it may share a connection with others. */
  read(statement: Statement, values: unknown[]): Promise<Row[]> {
    if (!this.options.pipeline || !this.sharedReads.suits(statement)) return this.run(statement, values);
    const query = this.boundedQuery(statement, values);
    this.sharedReads.add(query);
    return query.answer;
  }

  /** One statement on whichever connection is free. */
  run(statement: Statement, values: unknown[]): Promise<Row[]> {
    const query = this.boundedQuery(statement, values);
    this.connect((error, client, release) => {
      if (!client) {
        query.handleError(error ?? new Error('No connection'));
        return;
      }
      query.onAnswer = (fault) => release(brokenBy(fault));
      client.query(query);
    });
    return query.answer;
  }

  /** One statement on a connection that somebody holds, for a transaction. */
  runOn(client: Client, statement: Statement, values: unknown[]): Promise<Row[]> {
    const query = this.boundedQuery(statement, values);
    query.onAnswer = (fault) => {
      if (brokenBy(fault)) void client.end();
    };
    client.query(query);
    return query.answer;
  }

  private boundedQuery(statement: Statement, values: unknown[]): LeanQuery {
    const { query_timeout: timeoutMs, connectionTimeoutMillis: connectMs } = this.options;
    return new LeanQuery(statement, values, timeoutMs, performance.now() + timeoutMs + connectMs - elapsedMs());
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
      if (brokenBy(error)) void this.end();
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
