import type { BoundedClient } from './bounded-client.js';
import { brokenBy } from './broken-connection.js';
import type { LeanQuery } from './lean-query.js';
import { isCancelled } from './transient.js';
import { idleMs, TurnBatches } from './turn-batches.js';

/**
 * Reads that come in one turn of the event loop go out together on one connection of the pool, in one write, and their
 * answers come back in a few packets (pipelining): most of what a small read costs is sending and receiving. Each is
 * still a statement of its own, with its own error and its own timeout. Never for writes, nor in a transaction.
 */
export class SharedReads extends TurnBatches {
  /** @param open the first of them is the one that runs; one that was abandoned is cancelled when its turn comes */
  protected send(client: BoundedClient, open: LeanQuery[], release: (fault?: Error) => void): void {
    const { stream } = client.connection;
    let broken: Error | undefined;
    let wasCanceled = false;
    let answeredAt = performance.now();
    const idleAt = idleMs();
    const answered = (fault: Error | undefined, query: LeanQuery) => {
      const now = performance.now();
      this.note(query.statement, now - answeredAt, idleAt);
      answeredAt = now;
      broken ??= brokenBy(fault);
      if (client.isCancelling && isCancelled(fault)) {
        wasCanceled = true;
        query.fellForAnother = query.context?.isCancellable !== true;
      }
      open.splice(open.indexOf(query), 1);
      client.serves = open[0]?.context;
      if (client.serves?.isCancellable) client.cancel();
      if (open.length === 0) void client.settleCancel(wasCanceled).then(() => release(broken));
    };
    client.serves = open[0]?.context;
    stream.cork();
    for (const query of [...open]) {
      query.onAnswer = answered;
      client.query(query);
    }
    stream.uncork();
  }
}
