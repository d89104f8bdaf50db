import { writeSync } from 'node:fs';
import type { destination } from 'pino';
import { droppedLines } from './dropped-lines.js';

type Destination = ReturnType<typeof destination>;

/** So much waits for a reader that is slow or a disk that is full; what comes after it is dropped. */
export const maxWaitingBytes = 4_194_304;
/** A write that takes longer than this at the end of the process will not end. */
const stuckMs = 1000;

/**
 * Makes a destination harmless: a log that can't be written must not end the process, fill its memory or hold up its end.
 * What is lost is counted; a full disk is tried again, a reader that has gone is given up.
 */
export function bounded(stream: Destination, where: keyof typeof droppedLines): Destination {
  const drop = () => {
    droppedLines[where]++;
    return true;
  };
  /** Since when something has been waiting, with nothing written. */
  let waitingSince: number | undefined;
  let hasComplained = false;
  const write = stream.write.bind(stream);
  stream.write = (line) => {
    waitingSince ??= performance.now();
    return write(line);
  };
  // Those of pino end the process for all but a closed pipe.
  stream.removeAllListeners('error');
  stream.on('drop', drop);
  stream.on('write', () => {
    waitingSince = performance.now();
    hasComplained = false;
  });
  stream.on('drain', () => (waitingSince = undefined));
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') abandon(stream, drop);
    if (!hasComplained && where === 'file') complain(error);
    hasComplained = true;
  });
  const flushSync = stream.flushSync.bind(stream);
  stream.flushSync = () => {
    // Waits as long as the reader does. At the end of the process that may be for ever.
    if (waitingSince === undefined || performance.now() - waitingSince < stuckMs) flushSync();
  };
  return stream;
}

function abandon(stream: Destination, drop: () => boolean): void {
  stream.write = drop;
  stream.flush = (done) => done?.();
  stream.flushSync = () => undefined;
  stream.end = () => undefined;
}

/** Where the log file is the trouble, standard error is what is left. */
function complain({ code }: NodeJS.ErrnoException): void {
  try {
    writeSync(2, `LOG_FILE can't be written: ${code}\n`);
  } catch {
    // Then nobody listens at all.
  }
}
