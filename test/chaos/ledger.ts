import { closeSync, openSync, writeSync } from 'node:fs';

export type Kind = 'create' | 'update' | 'delete' | 'read';

/** What a client asked for, and what it heard. Times are milliseconds of the run. */
export interface Entry {
  readonly op: number;
  readonly kind: Kind;
  readonly owner: string;
  readonly sent: number;
  /** Of the item; a create learns it from the answer. */
  item?: string;
  /** The version that an update was for. */
  readonly match?: number;
  /** What was written. */
  readonly title?: string;
  answered?: number;
  /** 0 when no answer came: it may or may not have been done. */
  status?: number;
  /** The version that was answered. */
  version?: number;
}

/** All that was asked and heard, also line by line in a file that is only ever appended to. */
export class Ledger {
  readonly entries: Entry[] = [];
  private readonly file: number;
  private readonly startedAt = performance.now();

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  /** Milliseconds since the run began. */
  get now(): number {
    return Math.round(performance.now() - this.startedAt);
  }

  sent(asked: Omit<Entry, 'op' | 'sent' | 'answered' | 'status' | 'version'>): Entry {
    const entry: Entry = { op: this.entries.length, sent: this.now, ...asked };
    this.entries.push(entry);
    this.write({ ...entry, event: 'sent' });
    return entry;
  }

  heard(entry: Entry, heard: Pick<Entry, 'status' | 'item' | 'version'>): void {
    Object.assign(entry, heard, { item: heard.item ?? entry.item, answered: this.now });
    this.write({ op: entry.op, event: 'heard', ...heard, answered: entry.answered });
  }

  close(): void {
    closeSync(this.file);
  }

  private write(line: object): void {
    writeSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
