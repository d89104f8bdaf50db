import { Client, type PoolConfig, type QueryArrayConfig, type QueryResult } from 'pg';
import { currentContext, type RequestContext } from '../common/context/request-context.js';
import { brokenBy } from './broken-connection.js';
import { requestCancel, type CancelTarget } from './cancel-request.js';
import { LeanQuery } from './lean-query.js';
import { PreparedStatements } from './prepared-statements.js';
import { isCancelled } from './transient.js';

export interface BoundedPoolConfig extends PoolConfig {
  readonly query_timeout: number;
  readonly connectionTimeoutMillis: number;
  /** How long a request may take as a whole. */
  readonly requestTimeoutMs: number;
  /** Whether statements are worded once, reads share connections, and inserts transactions; see FAST_PATHS_OFF. */
  readonly compilesStatements: boolean;
  readonly pipeline: boolean;
  readonly sharesInserts: boolean;
  /** Whether statements that are used often are prepared by the server. */
  readonly preparesStatements: boolean;
}

export const outOfTime = 'The request ran out of time for the database';
const writes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'COMMIT']);

/**
 * How long a request may still wait for the database: the budget of the database itself, or what is left of the time of the
 * request, with half a second for the server to cancel first.
 */
export function timeLeftMs(config: BoundedPoolConfig, context = currentContext()): number {
  const budgetMs = config.query_timeout + config.connectionTimeoutMillis;
  return Math.min(budgetMs, config.requestTimeoutMs + 500) - (context?.elapsedMs ?? 0);
}

/** The connections of BoundedPool. A statement ends in time, on the server too, or takes its connection with it. */
export class BoundedClient extends Client {
  /** The request that the statement under way is for. */
  serves?: RequestContext;
  /** Whether the server has heard that it shall cancel. */
  private cancelling?: Promise<boolean>;
  private readonly prepared?: PreparedStatements;

  constructor(private readonly config: BoundedPoolConfig) {
    // The timeout goes with each statement; as a default, node-postgres would give a LeanQuery one more.
    super({ ...config, query_timeout: 0 });
    // A connection that breaks fails its statement, and tells so by an event too, which without a listener ends the process.
    this.on('error', () => undefined);
    if (config.preparesStatements) this.prepared = new PreparedStatements(this);
  }

  /**
   * Bounds text with values, as TypeORM has it, a plain description, and LeanQuery; others (streams, callbacks) are bounded by
   * the server alone.
   */
  override query(text: unknown, values?: unknown, ...rest: unknown[]): never {
    if (text instanceof LeanQuery) {
      text.startTimer(this.connection.stream);
      if (this.prepared) text.prepareBy(this.prepared);
      return super.query(text) as never;
    }
    const query = super.query.bind(this) as (...args: unknown[]) => unknown;
    const described = typeof text === 'string' ? { text, values } : isDescription(text) ? text : undefined;
    if (!described || typeof values === 'function' || rest.length > 0) return query(text, values, ...rest) as never;
    const context = currentContext();
    const leftMs = timeLeftMs(this.config, context);
    if (leftMs <= 0) {
      // Whatever it was in the middle of, a transaction perhaps, ends with the connection.
      void this.end();
      return Promise.reject(new Error(outOfTime)) as never;
    }
    const limited = { ...described, query_timeout: Math.min(this.config.query_timeout, leftMs) };
    this.serves = context;
    return (query(limited) as Promise<QueryResult>).then(
      (result) => this.succeeded(result, context),
      (error: Error) => this.failed(error),
    ) as never;
  }

  /**
   * Sends a statement that bounds itself. `done` is told when the connection may be used again, and of the fault that keeps
   * it from that.
   */
  send(query: LeanQuery, done: (broken?: Error) => void): void {
    const { context, statement } = query;
    this.serves = context;
    const answered = (fault: Error | undefined) => {
      this.serves = undefined;
      if (context && !fault && !statement.isRead && this.getTransactionStatus() === 'I') context.mustFinish = true;
      const broken = brokenBy(fault);
      if (this.cancelling) void this.settleCancel(isCancelled(fault)).then(() => done(broken));
      else done(broken);
    };
    query.onAnswer = answered;
    this.query(query);
  }

  /** Has the server cancel the statement that is under way for this request, if there is one. */
  cancelWorkOf(context: RequestContext): void {
    if (this.serves === context) this.cancel();
  }

  /** Has the server cancel whatever it does here; `settleCancel` must follow before the connection is used again. */
  cancel(): void {
    this.cancelling ??= requestCancel(this as unknown as CancelTarget);
  }

  get isCancelling(): boolean {
    return this.cancelling !== undefined;
  }

  /** A cancel request that comes late would hit the next statement, of somebody else: then the connection is given up. */
  async settleCancel(wasCanceled: boolean): Promise<void> {
    if (!this.cancelling) return;
    const wasHeard = await this.cancelling;
    this.cancelling = undefined;
    if (!wasHeard || !wasCanceled) void this.end();
  }

  private succeeded(result: QueryResult, context?: RequestContext): QueryResult | Promise<QueryResult> {
    this.serves = undefined;
    // What is part of an open transaction can still be undone.
    const isFinal = writes.has(result.command) && this.getTransactionStatus() === 'I';
    if (context && isFinal) context.mustFinish = true;
    return this.cancelling ? this.settleCancel(false).then(() => result) : result;
  }

  private async failed(error: Error): Promise<never> {
    this.serves = undefined;
    // Marks the connection as ending, which keeps the pool from taking it back, and cuts it while it owes an answer.
    if (brokenBy(error)) void this.end();
    await this.settleCancel(isCancelled(error));
    throw error;
  }
}

/** Whether it is a description of a statement, and not an object that runs one itself. */
function isDescription(query: unknown): query is QueryArrayConfig {
  return typeof query === 'object' && query !== null && !('submit' in query);
}
