import type { PoolClient } from 'pg';
import { leaveContext, type RequestContext } from '../common/context/request-context.js';
import type { BoundedClient } from './bounded-client.js';
import { brokenBy } from './broken-connection.js';
import type { LeanQuery, Statement } from './lean-query.js';
import { isCancelled } from './transient.js';

/** How a pool lends its connections, which must have been made with node-postgres' option `pipeline`. */
type Lend = (
  borrower: (error: Error | undefined, client?: PoolClient, release?: (error?: unknown) => void) => void,
) => void;

/** Reads under way on one connection, the first of them running. */
interface Batch {
  readonly client: BoundedClient;
  readonly open: LeanQuery[];
}

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
  private readonly batches = new Set<Batch>();
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

  /** Has the server cancel what runs for this request; what waits for its turn is cancelled when that comes. */
  cancelWorkOf(context: RequestContext): void {
    for (const { client, open } of this.batches) if (open[0]?.context === context) client.cancel();
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
      else this.send({ client: client as unknown as BoundedClient, open: queries }, (fault) => release?.(fault));
    });
  }

  private send(batch: Batch, release: (fault?: Error) => void): void {
    const { client, open } = batch;
    const { stream } = client.connection;
    let broken: Error | undefined;
    let wasCanceled = false;
    let answeredAt = performance.now();
    const idleAt = idleMs();
    this.batches.add(batch);
    stream.cork();
    for (const query of [...open]) {
      query.onAnswer = (fault) => {
        const now = performance.now();
        // Only what this process waited for was slow. When it was busy itself, as under overload, sharing helps most.
        const wasIdle = idleMs() - idleAt > slowMs;
        if (wasIdle && now - answeredAt > slowMs) this.slowUntil.set(query.statement, now + aloneForMs);
        answeredAt = now;
        broken ??= brokenBy(fault);
        if (client.isCancelling && isCancelled(fault)) {
          wasCanceled = true;
          query.fellForAnother = query.context?.isCancellable !== true;
        }
        open.splice(open.indexOf(query), 1);
        if (open[0]?.context?.isCancellable) client.cancel();
        if (open.length > 0) return;
        this.batches.delete(batch);
        void client.settleCancel(wasCanceled).then(() => release(broken));
      };
      client.query(query);
    }
    stream.uncork();
  }
}

/** Milliseconds that the event loop has had nothing to do, since the process began. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}
