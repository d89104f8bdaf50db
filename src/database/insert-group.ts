import { Query } from 'pg';
import { LeanQuery } from './lean-query.js';

/** What node-postgres' statements write to; Sync ends an implicit transaction (PostgreSQL manual, 55.2.3). */
interface Wire {
  sync(): void;
}

const { prepare } = Query.prototype as unknown as { prepare: (this: LeanQuery, wire: Wire) => void };

/** Inserts that are sent with one Sync behind the last, which makes one transaction of them: all are done, or none. */
export class InsertGroup extends LeanQuery {
  /** Those that are in the transaction. */
  readonly members: LeanQuery[] = [];
  private answered = 0;

  constructor(private readonly queries: readonly LeanQuery[]) {
    const timeoutMs = Math.min(...queries.map((query) => query.query_timeout));
    super(queries[0]!.statement, [], { timeoutMs, deadline: Infinity, context: undefined });
  }

  /** Asked by node-postgres: without values of its own it would go as plain text. */
  requiresPreparation(): boolean {
    return true;
  }

  /** Called by node-postgres, which sends what is written here at once. */
  prepare(wire: Wire): void {
    const unsynced = Object.create(wire, { sync: { value: () => undefined } }) as Wire;
    for (const query of this.queries) {
      prepare.call(query, unsynced);
      // A value that can't be sent has failed its insert by now.
      if (!query.isAnswered) this.members.push(query);
    }
    wire.sync();
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
