import type { PoolClient } from 'pg';
import { leaveContext, type RequestContext } from '../common/context/request-context.js';
import type { BoundedClient } from './bounded-client.js';
import type { LeanQuery } from './lean-query.js';
import type { Statement } from './statement.js';

/** How a pool lends its connections. */
export type Lend = (borrower: Borrower) => void;
export type Borrower = (error?: Error, client?: PoolClient, release?: (error?: unknown) => void) => void;

/** So many statements go on one connection before the first is answered. */
const maxShared = 16;
/** Who takes longer than this keeps others waiting, and so goes alone for a while. */
const slowMs = 100;
const aloneForMs = 10_000;

/** Gathers statements that come in one turn of the event loop, and borrows one connection for them. */
export abstract class TurnBatches {
  private readonly waiting: LeanQuery[] = [];
  private readonly slowUntil = new WeakMap<Statement, number>();

  /** @param refusalOf tells why a request is no longer to be served, if so */
  constructor(
    private readonly lend: Lend,
    private readonly refusalOf: (context: RequestContext | undefined) => Error | undefined,
  ) {}

  /** Whether a statement is quick enough to be sent together with others. */
  suits(statement: Statement): boolean {
    const until = this.slowUntil.get(statement);
    return until === undefined || until < performance.now();
  }

  add(query: LeanQuery): void {
    this.waiting.push(query);
    if (this.waiting.length % maxShared === 1) leaveContext(() => setImmediate(() => this.borrow()));
  }

  /** Sends them, and gives the connection back, with the fault that keeps it from being used again. */
  protected abstract send(client: BoundedClient, queries: LeanQuery[], release: (fault?: Error) => void): void;

  /**
   * Only what this process waited for was slow. When it was busy itself, as under overload, sharing helps most.
   * @param idleAt idleMs() when it was sent
   */
  protected note(statement: Statement, tookMs: number, idleAt: number): void {
    if (tookMs > slowMs && idleMs() - idleAt > slowMs) this.slowUntil.set(statement, performance.now() + aloneForMs);
  }

  /** Whoever comes while a connection is waited for goes along. */
  private borrow(): void {
    this.lend((error, client, release) => {
      const queries = this.waiting.splice(0, maxShared).filter((query) => this.isWanted(query, error));
      if (!client) return;
      if (queries.length === 0) release?.();
      else this.send(client as unknown as BoundedClient, queries, (fault) => release?.(fault));
    });
  }

  private isWanted(query: LeanQuery, error = this.refusalOf(query.context)): boolean {
    if (error) query.handleError(error);
    return !error;
  }
}

/** Milliseconds that the event loop has had nothing to do, since the process began. */
export function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}
