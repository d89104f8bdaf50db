import type { BoundedClient } from './bounded-client.js';
import { brokenBy } from './broken-connection.js';
import { InsertGroup } from './insert-group.js';
import type { LeanQuery } from './lean-query.js';
import { idleMs, TurnBatches } from './turn-batches.js';

/**
 * Inserts that come in one turn of the event loop are made in one transaction: sent in one write, made durable by one
 * flush of the server's log, answered together (group commit). When one fails none is made, and the others are to be made
 * by themselves. Never for what belongs to a transaction of its own.
 */
export class SharedInserts extends TurnBatches {
  protected send(client: BoundedClient, queries: readonly LeanQuery[], release: (fault?: Error) => void): void {
    const group = queries.length > 1 ? new InsertGroup(queries) : undefined;
    const [sentAt, idleAt] = [performance.now(), idleMs()];
    client.send(group ?? queries[0]!, (fault) => {
      for (const { statement } of queries) this.note(statement, performance.now() - sentAt, idleAt);
      release(fault);
    });
    group?.answer.then(
      () => group.members.forEach(succeed),
      (error: Error) => group.members.forEach((query) => fail(query, error)),
    );
  }
}

function succeed(query: LeanQuery): void {
  if (query.context) query.context.mustFinish = true;
  query.handleReadyForQuery();
}

/** An error that the connection outlives has undone all of them; else nobody knows what was done. */
function fail(query: LeanQuery, error: Error): void {
  query.fellForAnother = brokenBy(error) === undefined;
  query.handleError(error);
}
