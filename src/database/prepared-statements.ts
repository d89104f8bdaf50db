import { createHash } from 'node:crypto';
import { Query, type Client, type Connection } from 'pg';
import type { Statement } from './statement.js';
import { valueParserOf, type ValueParser } from './value-parsers.js';

/** A statement that a connection of the server keeps parsed, and soon planned, under a name. */
export interface Prepared {
  readonly name: string;
  /** Of the columns of its rows, which can't change under this name. */
  readonly parsers: readonly ValueParser[];
  /**
   * To be called with the fault of whoever has used it. When the connection has lost it, or a migration has changed its columns,
   * the statement is prepared anew on all connections.
   */
  noteFault(fault: Error): void;
}

/** PostgreSQL too plans a statement for its values so often, before it asks itself whether one plan does for all. */
const usesBefore = 5;
/** Each takes some memory of the server on each connection. */
const maxPrepared = 100;
/** Whoever had to be prepared anew so often is sent as text from then on: a pooler loses it, or the schema is never at rest. */
const maxEditions = 5;

/**
 * The statements that one connection has prepared (PostgreSQL manual, 55.2.3), so that those that run again and again are not
 * sent, parsed and planned anew each time, nor their columns described.
 */
export class PreparedStatements {
  private readonly known = new Map<Statement, Preparation>();

  constructor(private readonly client: Client) {}

  /** What may be used for the statement now. One that is used often is prepared for the next time. */
  find(statement: Statement): Prepared | undefined {
    const found = this.known.get(statement);
    if (found?.edition === (statement.edition ?? 0)) return found.isDescribed ? found : undefined;
    statement.uses = (statement.uses ?? 0) + 1;
    if (this.isWorthPreparing(statement)) this.prepare(statement);
    return undefined;
  }

  private isWorthPreparing({ uses = 0, edition = 0 }: Statement): boolean {
    const isWorthIt = uses > usesBefore && edition < maxEditions && this.known.size < maxPrepared;
    // What goes wrong in a transaction would end it.
    return isWorthIt && this.client.getTransactionStatus() === 'I';
  }

  /** What goes wrong concerns nobody: then it stays undescribed, and the statement is sent as text. */
  private prepare(statement: Statement): void {
    const preparation = new Preparation(statement);
    this.known.set(statement, preparation);
    this.client.query(preparation);
  }
}

/** Whether a statement was not run since what had been prepared for it is gone or of no use any more. */
export function isOutdated({ code = '', routine }: { code?: string; routine?: string }): boolean {
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

/** Has the server parse a statement under a name, and tell of what its rows consist. */
export class Preparation extends Query implements Prepared {
  /** What node-postgres sends it by. */
  override submit = submit;
  readonly name: string;
  readonly edition: number;
  parsers: readonly ValueParser[] = [];
  isDescribed = false;

  constructor(readonly statement: Statement) {
    super(statement.text);
    this.edition = statement.edition ?? 0;
    this.name = nameOf(statement.text, this.edition);
  }

  noteFault(fault: Error): void {
    const isFirst = (this.statement.edition ?? 0) === this.edition;
    if (isFirst && isOutdated(fault as { code?: string })) this.statement.edition = this.edition + 1;
  }

  handleRowDescription({ fields }: { fields: readonly { readonly dataTypeID: number }[] }): void {
    this.parsers = fields.map(({ dataTypeID }) => valueParserOf(dataTypeID));
  }

  handleReadyForQuery(): void {
    this.isDescribed = true;
  }

  handleError(): void {
    // It stays undescribed.
  }
}

function submit(this: Preparation, connection: Connection): void {
  connection.parse({ name: this.name, text: this.statement.text, types: [] }, false);
  connection.describe({ type: 'S', name: this.name }, false);
  connection.sync();
}

/** The same text has the same name in all processes: a pooler may lend one connection to several of them. */
function nameOf(text: string, edition: number): string {
  return `mainstay_${createHash('sha256').update(text).digest('hex').slice(0, 24)}_${edition}`;
}
