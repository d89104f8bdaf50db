import type { Client, PoolClient } from 'pg';
import { leaveContext } from '../common/context/request-context.js';
import { brokenBy } from './broken-connection.js';
import type { LeanQuery, Statement } from './lean-query.js';

/** How a pool lends its connections, which must have been made with node-postgres' option `pipeline`. */
type Lend = (
  borrower: (error: Error | undefined, client?: PoolClient, release?: (error?: unknown) => void) => void,
) => void;

/** So many reads are sent on one connection before the first is answered. */
const maxShared = 16;
/** Who takes longer than this keeps others waiting, and so goes alone for a while. */
const slowMs = 100;
const aloneForMs = 10_000;

/**
 * Reads that come in one turn of the event loop go out together on one connection of the pool, in one write, and their
 * answers come back in a few packets (pipelining): most of what a small read costs is sending and receiving. Each is
 * still a statement of its own, with its own error and its own timeout. Never for writes, nor in a transaction.
 */
export class SharedReads {
  private readonly waiting: LeanQuery[] = [];
  private readonly slowUntil = new WeakMap<Statement, number>();

  constructor(private readonly lend: Lend) {}

  /** Whether a statement is quick enough to be sent together with others. */
  suits(statement: Statement): boolean {
    const until = this.slowUntil.get(statement);
    return until === undefined || until < performance.now();
  }

  add(query: LeanQuery): void {
    this.waiting.push(query);
    if (this.waiting.length % maxShared === 1) leaveContext(() => setImmediate(() => this.borrow()));
  }

  /** Whoever comes while a connection is waited for goes along. */
  private borrow(): void {
    this.lend((error, client, release) => {
      const queries = this.waiting.splice(0, maxShared);
      if (!client) {
        for (const query of queries) query.handleError(error ?? new Error('No connection'));
        return;
      }
      if (queries.length === 0) release?.();
      else this.send(client, queries, (fault) => release?.(fault));
    });
  }

  private send(client: Client, queries: readonly LeanQuery[], release: (fault?: Error) => void): void {
    const { stream } = client.connection;
    let open = queries.length;
    let broken: Error | undefined;
    let answeredAt = performance.now();
    stream.cork();
    for (const query of queries) {
      query.onAnswer = (fault) => {
        const now = performance.now();
        if (now - answeredAt > slowMs) this.slowUntil.set(query.statement, now + aloneForMs);
        answeredAt = now;
        broken ??= brokenBy(fault);
        open -= 1;
        if (open === 0) release(broken);
      };
      client.query(query);
    }
    stream.uncork();
  }
}
