import { Pool, type PoolClient } from 'pg';
import { currentContext, type RequestContext } from '../common/context/request-context.js';
import { outOfTime, timeLeftMs, type BoundedClient, type BoundedPoolConfig } from './bounded-client.js';
import { LeanQuery } from './lean-query.js';
import { SharedInserts } from './shared-inserts.js';
import { SharedReads } from './shared-reads.js';
import type { Row, Statement } from './statement.js';
import type { Borrower } from './turn-batches.js';
import { isBrokenConnection, isConflict } from './transient.js';
import { reasonOf } from './unreachable.js';

type Checkout = (error: Error | undefined, client: PoolClient | undefined, release: (error?: unknown) => void) => void;

/** A statement that ends by itself so soon is not worth a connection to cancel it. */
const cancelAfterMs = 100;

/** No connection could be had: the database is away or full, or all connections are taken. */
export class ConnectionUnavailable extends Error {
  constructor(cause: Error) {
    super(reasonOf(cause), { cause });
    this.name = 'ConnectionUnavailable';
  }
}

/**
 * node-postgres' pool with what it lacks: all that one request waits for, for connections and answers together, ends within
 * one connect timeout and one query timeout; a connection that broke, stayed silent or has a transaction open is destroyed,
 * never lent again; and what nobody waits for any more is cancelled.
 */
export class BoundedPool extends Pool {
  declare readonly options: BoundedPoolConfig & Pool['options'];
  private readonly clients = new Set<BoundedClient>();
  private readonly sharedReads: SharedReads;
  private readonly sharedInserts: SharedInserts;

  constructor(config?: BoundedPoolConfig) {
    super(config);
    const sharing = [(borrower: Borrower) => this.connect(borrower), this.refusalOf.bind(this)] as const;
    this.sharedReads = new SharedReads(...sharing);
    this.sharedInserts = new SharedInserts(...sharing);
    this.on('connect', (client) => this.clients.add(client as unknown as BoundedClient));
    this.on('remove', (client) => this.clients.delete(client as unknown as BoundedClient));
    this.on('release', (_error, client) => {
      const status = client.getTransactionStatus();
      if (status === 'T' || status === 'E') void (client as unknown as BoundedClient).end();
    });
  }

  get compilesStatements(): boolean {
    return this.options.compilesStatements;
  }

  /** The form that TypeORM uses: it hands a callback over. @throws ConnectionUnavailable, through the callback */
  override connect(checkout?: Checkout): never {
    if (!checkout) return super.connect() as never;
    const context = currentContext();
    const refusal = this.refusalOf(context);
    if (refusal) {
      checkout(refusal, undefined, () => undefined);
      return undefined as never;
    }
    return super.connect((error, client, release) => {
      const late = error ? new ConnectionUnavailable(error) : this.refusalOf(context);
      if (late && client) release();
      checkout(late, late ? undefined : client, release);
    }) as never;
  }

  /** One statement that only reads; it may share a connection with others. */
  read(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.options.pipeline ? this.share(this.sharedReads, statement, values) : this.run(statement, values);
  }

  /** One statement that only adds rows; it may be made together with others. */
  insert(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.options.sharesInserts ? this.share(this.sharedInserts, statement, values) : this.run(statement, values);
  }

  /**
   * One statement on whichever connection is free. A read whose connection turns out to be dead, and a statement that the
   * server has undone for the sake of others (40001, 40P01), is tried once more.
   */
  run(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.runOnce(statement, values).catch((error: unknown) => {
      if (isWorthAnotherTry(error, statement)) return this.runOnce(statement, values);
      throw error;
    });
  }

  /** One statement on a connection that somebody holds, for a transaction. */
  runOn(client: BoundedClient, statement: Statement, values: unknown[]): Promise<Row[]> {
    const query = this.boundedQuery(statement, values);
    client.send(query, (broken) => {
      if (broken) void client.end();
    });
    return query.answer;
  }

  /** Opens as many connections as are kept, so that requests don't wait for them. Never throws. */
  async fill(): Promise<void> {
    const missing = (this.options.min ?? 0) - this.totalCount;
    // Those that are idle are lent first.
    const wanted = Array.from({ length: missing > 0 ? missing + this.idleCount : 0 }, () => super.connect());
    await Promise.allSettled(wanted.map(async (opened) => (await opened).release()));
  }

  /** Stops what runs for a request that was abandoned, unless it must be finished. */
  cancelWorkOf(context: RequestContext): void {
    if (!context.isCancellable) return;
    setTimeout(() => {
      if (!context.isCancellable) return;
      for (const client of this.clients) client.cancelWorkOf(context);
    }, cancelAfterMs).unref();
  }

  private share(shared: SharedReads | SharedInserts, statement: Statement, values: unknown[]): Promise<Row[]> {
    if (!shared.suits(statement)) return this.run(statement, values);
    const refusal = this.refusalOf(currentContext());
    if (refusal) return Promise.reject(refusal);
    const query = this.boundedQuery(statement, values);
    shared.add(query);
    return query.answer.catch((error: unknown) => {
      if (query.fellForAnother || isWorthAnotherTry(error, statement)) return this.run(statement, values);
      throw error;
    });
  }

  private runOnce(statement: Statement, values: unknown[]): Promise<Row[]> {
    const query = this.boundedQuery(statement, values);
    this.connect((error, client, release) => {
      if (client) (client as unknown as BoundedClient).send(query, release);
      else query.handleError(error ?? new Error('No connection'));
    });
    return query.answer;
  }

  private boundedQuery(statement: Statement, values: unknown[]): LeanQuery {
    const context = currentContext();
    const deadline = performance.now() + timeLeftMs(this.options, context);
    return new LeanQuery(statement, values, { timeoutMs: this.options.query_timeout, deadline, context });
  }

  private refusalOf(context: RequestContext | undefined): ConnectionUnavailable | undefined {
    if (!context) return undefined;
    const isOver = context.isCancellable || timeLeftMs(this.options, context) <= 0;
    return isOver ? new ConnectionUnavailable(new Error(outOfTime)) : undefined;
  }
}

function isWorthAnotherTry(error: unknown, statement: Statement): boolean {
  return isConflict(error) || (isBrokenConnection(error) && statement.isRead);
}
