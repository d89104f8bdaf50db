import type { Connection } from 'pg';
import { LeanQuery } from './lean-query.js';
import type { PreparedStatements } from './prepared-statements.js';

/** Inserts that are sent with one Sync behind the last, which makes one transaction of them: all are done, or none. */
export class InsertGroup extends LeanQuery {
  /** Those that are in the transaction. */
  readonly members: LeanQuery[] = [];
  private answered = 0;

  constructor(readonly queries: readonly LeanQuery[]) {
    const timeoutMs = Math.min(...queries.map((query) => query.timeLeftMs));
    super(queries[0]!.statement, [], { timeoutMs, deadline: Infinity, context: undefined });
  }

  override prepareBy(known: PreparedStatements): void {
    for (const query of this.queries) query.prepareBy(known);
  }

  /** Sync ends an implicit transaction (PostgreSQL manual, 55.2.3). */
  override sendOn(connection: Connection): void {
    const unsynced = Object.create(connection, { sync: { value: () => undefined } }) as Connection;
    connection.stream.cork();
    for (const query of this.queries) {
      const fault = query.sendOn(unsynced) as Error | undefined;
      if (fault) query.handleError(fault);
      // node-postgres fails those that it sends as text by itself.
      if (!query.isAnswered) this.members.push(query);
    }
    connection.sync();
    connection.stream.uncork();
  }

  override handleRowDescription(...message: Parameters<LeanQuery['handleRowDescription']>): void {
    this.members[this.answered]?.handleRowDescription(...message);
  }

  override handleDataRow(...message: Parameters<LeanQuery['handleDataRow']>): void {
    this.members[this.answered]?.handleDataRow(...message);
  }

  override handleCommandComplete(): void {
    this.answered++;
  }
}
