import type { Duplex } from 'node:stream';
import pg, { Query, type Connection } from 'pg';
import type { RequestContext } from '../common/context/request-context.js';
import type { Prepared, PreparedStatements } from './prepared-statements.js';
import type { Row, Statement } from './statement.js';
import { valueParserOf, type ValueParser } from './value-parsers.js';

/** How long to wait, and for whom. */
interface Bounds {
  /** From the sending on. */
  readonly timeoutMs: number;
  /** When the answer must have come, by the monotonic clock, in milliseconds. */
  readonly deadline: number;
  readonly context: RequestContext | undefined;
}

interface FieldDescription {
  readonly dataTypeID: number;
}

/**
 * A statement whose rows come as arrays. Answers the messages of the protocol by itself, where node-postgres' own makes a
 * result with field objects, row classes and a command tag for each answer that nobody here reads.
 */
export class LeanQuery extends Query {
  /** Read by node-postgres: never as plain text, though there may be no values. */
  readonly queryMode = 'extended';
  /** What node-postgres sends it by. */
  override submit = submit;
  /** Fulfilled or rejected when the answer is complete. */
  readonly answer: Promise<Row[]>;
  /**
   * Told of the end of the answer before whoever waits for it. Give the function a name before it is assigned: V8 makes a
   * function that is written where a property gets it in the old generation, where it keeps all that it knows from being
   * collected soon (docs/performance.md).
   */
  onAnswer?: (fault: Error | undefined, query: LeanQuery) => void;
  /** It was cancelled or undone, though nothing was wrong with it, for another one on its connection. */
  fellForAnother = false;
  isAnswered = false;
  /** What its connection has prepared for it, if anything. */
  prepared?: Prepared;
  private readonly received: Row[] = [];
  private parsers: readonly ValueParser[] = [];
  private fault?: Error;
  private timer?: NodeJS.Timeout;
  private settle!: { resolve(rows: Row[]): void; reject(error: Error): void };

  constructor(
    readonly statement: Statement,
    readonly values: unknown[],
    private readonly bounds: Bounds,
  ) {
    super(statement.text, values);
    this.answer = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  /** How long the answer may take from now on. */
  get timeLeftMs(): number {
    const { timeoutMs, deadline } = this.bounds;
    return Math.max(1, Math.min(timeoutMs, Math.ceil(deadline - performance.now())));
  }

  /** Called when it is sent. When the answer is not there in time it fails, and destroys the connection. */
  startTimer(connection: Duplex): void {
    this.timer = setTimeout(expire, this.timeLeftMs, this, connection);
  }

  /** Called before it is sent. */
  prepareBy(known: PreparedStatements): void {
    this.prepared = known.find(this.statement);
    if (this.prepared) this.parsers = this.prepared.parsers;
  }

  /** A prepared statement goes by its name, and nothing is asked of its columns. @returns the fault of a value that can't be sent */
  sendOn(connection: Connection): unknown {
    if (!this.prepared) return submitText.call(this, connection);
    try {
      connection.bind({ statement: this.prepared.name, values: this.values as string[], valueMapper }, false);
    } catch (error) {
      return error;
    }
    connection.execute(null, false);
    connection.sync();
    return undefined;
  }

  /** The request that waits for the answer. */
  get context(): RequestContext | undefined {
    return this.bounds.context;
  }

  handleRowDescription({ fields }: { fields: readonly FieldDescription[] }): void {
    this.parsers = parsersOf(this.statement, fields);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const { parsers } = this;
    try {
      this.received.push(fields.map((text, index) => (text === null ? null : parsers[index]!(text))));
    } catch (error) {
      this.fault = error as Error;
    }
  }

  handleCommandComplete(): void {
    // The rows are all that is wanted.
  }

  handleReadyForQuery(): void {
    this.end(this.fault);
  }

  handleError(error: Error): void {
    this.end(error);
  }

  private end(fault?: Error): void {
    clearTimeout(this.timer);
    if (fault) this.prepared?.noteFault(fault);
    this.onAnswer?.(fault, this);
    this.onAnswer = undefined;
    this.isAnswered = true;
    if (fault) this.settle.reject(fault);
    else this.settle.resolve(this.received);
  }
}

const { submit: submitText } = Query.prototype;

function submit(this: LeanQuery, connection: Connection): unknown {
  return this.sendOn(connection);
}

const { utils } = pg as unknown as { utils: { prepareValue(value: unknown): string | Buffer | null } };
const valueMapper = (value: unknown) => (typeof value === 'string' ? value : utils.prepareValue(value));

function expire(query: LeanQuery, connection: Duplex): void {
  query.handleError(new Error('Query read timeout'));
  connection.destroy();
}

/** Learned with the first answer, and again when a migration has changed a type meanwhile. */
function parsersOf(statement: Statement, fields: readonly FieldDescription[]): readonly ValueParser[] {
  const known = statement.columnTypes;
  const isKnown =
    known?.typeIds.length === fields.length && fields.every((field, i) => field.dataTypeID === known.typeIds[i]);
  if (isKnown) return known.parsers;
  const typeIds = fields.map((field) => field.dataTypeID);
  statement.columnTypes = { typeIds, parsers: typeIds.map(valueParserOf) };
  return statement.columnTypes.parsers;
}
