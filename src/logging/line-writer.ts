import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogFields, LogSubject } from '../common/context/request-context.js';
import { isoText } from '../common/http/json-text.js';

type Level = 'info' | 'error';

/** Where lines go; a stream that fans out wants to know the level of the next one (pino.multistream). */
type Destination = DestinationStream & { lastLevel?: number };

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const levels = pino.levels.values;

/**
 * Writes lines that look as the logger's own, without what pino does for fields of every kind: these are flat, their names
 * are the program's, and nothing in them has to be looked for and hidden.
 */
export class LineWriter {
  private readonly destination: Destination;
  private readonly bindings: string;

  constructor(private readonly logger: Logger) {
    const internals = logger as unknown as Record<symbol, unknown>;
    this.destination = internals[pino.symbols.streamSym] as Destination;
    // `,"app":"Mainstay","pid":1`, as pino has worded it once.
    this.bindings = internals[pino.symbols.chindingsSym] as string;
  }

  /** A line of `first`, `subject` and `rest`; the text of the subject is kept for its next line. */
  write(level: Level, first: LogFields, subject: LogSubject, rest: LogFields, message: string): void {
    if (!this.logger.isLevelEnabled(level)) return;
    subject.text ??= wordsOf(subject.fields);
    const words = wordsOf(first) + subject.text + wordsOf(rest);
    this.destination.lastLevel = levels[level];
    this.destination.write(
      `{"level":"${level}","time":"${isoText(new Date())}"${this.bindings}${words},"msg":"${message}"}\n`,
    );
  }
}

function wordsOf(fields: LogFields): string {
  let words = '';
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) words += `,"${name}":${typeof value === 'string' ? quoted(value) : textOf(value)}`;
  }
  return words;
}

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

function textOf(value: number | boolean): string {
  return Number.isFinite(value) ? String(value) : JSON.stringify(value);
}
