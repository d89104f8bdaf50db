import type { ValueParser } from './value-parsers.js';

/** Values in the order of the statement's columns. */
export type Row = readonly unknown[];

/** A statement that is sent again and again; what is learned of its columns stays with it. */
export interface Statement {
  readonly text: string;
  /** Whether it changes nothing and locks nothing. */
  readonly isRead: boolean;
  /** Whether it adds rows and does nothing else. */
  readonly isInsert?: boolean;
  columnTypes?: ColumnTypes;
  /** How often it was sent as text. */
  uses?: number;
  /** How often it had to be prepared anew; see prepared-statements.ts. */
  edition?: number;
}

export interface ColumnTypes {
  readonly typeIds: readonly number[];
  readonly parsers: readonly ValueParser[];
}
