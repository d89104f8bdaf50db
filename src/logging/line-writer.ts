import pino, { type DestinationStream, type Logger } from 'pino';
import { isoText } from '../common/http/json-text.js';

type Level = 'info' | 'error';
type Field = string | number | boolean | undefined;

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

  write(level: Level, fields: Readonly<Record<string, Field>>, message: string): void {
    if (!this.logger.isLevelEnabled(level)) return;
    let line = `{"level":"${level}","time":"${isoText(new Date())}"${this.bindings}`;
    for (const name in fields) {
      const value = fields[name];
      if (value !== undefined)
        line += `,"${name}":${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`;
    }
    this.destination.lastLevel = levels[level];
    this.destination.write(`${line},"msg":"${message}"}\n`);
  }
}

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
