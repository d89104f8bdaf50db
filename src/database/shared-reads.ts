import type { RequestContext } from '../common/context/request-context.js';
import type { BoundedClient } from './bounded-client.js';
import { brokenBy } from './broken-connection.js';
import type { LeanQuery } from './lean-query.js';
import { isCancelled } from './transient.js';
import { idleMs, TurnBatches } from './turn-batches.js';

/** Reads under way on one connection, the first of them running. */
interface Batch {
  readonly client: BoundedClient;
  readonly open: LeanQuery[];
}

/**
 * Reads that come in one turn of the event loop go out together on one connection of the pool, in one write, and their
 * answers come back in a few packets (pipelining): most of what a small read costs is sending and receiving. Each is
 * still a statement of its own, with its own error and its own timeout. Never for writes, nor in a transaction.
 */
export class SharedReads extends TurnBatches {
  private readonly open = new Set<Batch>();

  /** Has the server cancel what runs for this request; what waits for its turn is cancelled when that comes. */
  cancelWorkOf(context: RequestContext): void {
    for (const { client, open } of this.open) if (open[0]?.context === context) client.cancel();
  }

  protected send(client: BoundedClient, open: LeanQuery[], release: (fault?: Error) => void): void {
    const batch = { client, open };
    const { stream } = client.connection;
    let broken: Error | undefined;
    let wasCanceled = false;
    let answeredAt = performance.now();
    const idleAt = idleMs();
    this.open.add(batch);
    stream.cork();
    for (const query of [...open]) {
      query.onAnswer = (fault) => {
        const now = performance.now();
        this.note(query.statement, now - answeredAt, idleMs() - idleAt);
        answeredAt = now;
        broken ??= brokenBy(fault);
        if (client.isCancelling && isCancelled(fault)) {
          wasCanceled = true;
          query.fellForAnother = query.context?.isCancellable !== true;
        }
        open.splice(open.indexOf(query), 1);
        if (open[0]?.context?.isCancellable) client.cancel();
        if (open.length > 0) return;
        this.open.delete(batch);
        void client.settleCancel(wasCanceled).then(() => release(broken));
      };
      client.query(query);
    }
    stream.uncork();
  }
}
