import { fstatSync } from 'node:fs';
import pino, { type DestinationStream, type Logger } from 'pino';
import { currentContext } from '../common/context/request-context.js';
import type { AppConfig } from '../config/app-config.js';
import { bounded, maxWaitingBytes } from './bounded-destination.js';
import { serializeError } from './serialize-error.js';

type Destination = ReturnType<typeof pino.destination>;

/** Names whose values never reach the log, wherever they stand in the two outer levels of a line. */
const secretNames = ['password', 'currentPassword', 'newPassword', 'token', 'accessToken', 'refreshToken', 'secret'];
const secretHeaders = ['authorization', 'cookie', '["set-cookie"]', '["x-api-key"]'];

/** Lines are written in batches; one waits so long at most, and none is lost when the process ends. */
const flushAfterMs = 100;
/** A pipe takes so much at once or not at all (PIPE_BUF), so that lines of several workers don't mix; a file takes all. */
const atomicBytes = 4096;
const batchBytes = 65_536;

/** The root logger: one JSON object a line, with the request's id in every line written while one is served. */
export async function createLogger(config: AppConfig): Promise<Logger> {
  return pino(
    {
      level: config.debug ? 'debug' : config.logLevel,
      base: { app: config.appName, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      mixin: requestFields,
      redact: { paths: redactedPaths(), censor: '[redacted]' },
    },
    await destinationOf(config),
  );
}

function requestFields(): object {
  const context = currentContext();
  return context ? { requestId: context.requestId, handler: context.handler } : {};
}

function redactedPaths(): string[] {
  const named = secretNames.flatMap((name) => [name, `*.${name}`]);
  const headers = secretHeaders.flatMap((name) => {
    const path = name.startsWith('[') ? name : `.${name}`;
    return [`headers${path}`, `*.headers${path}`];
  });
  return [...named, ...headers];
}

async function destinationOf(config: AppConfig): Promise<DestinationStream> {
  const streams: DestinationStream[] = [await standardOutput(config)];
  if (config.logFile) streams.push(await rotatingFile(config.logFile));
  // Levels are decided by the logger, so each stream takes whatever arrives.
  return streams.length === 1
    ? streams[0]!
    : pino.multistream(streams.map((stream) => ({ stream, level: 'trace' as const })));
}

async function standardOutput(config: AppConfig): Promise<DestinationStream> {
  if (!config.logPretty) {
    const batch = config.isSupervised && !fstatSync(1).isFile() ? atomicBytes : batchBytes;
    const limits = { minLength: batch - 1024, maxWrite: batch, maxLength: maxWaitingBytes };
    return flushedSoon(bounded(inBytes({ dest: 1, sync: false, ...limits }), 'stdout'));
  }
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: Boolean(process.stdout.isTTY), ignore: 'pid,app', translateTime: 'HH:MM:ss.l' });
}

/** A destination that gathers bytes: of text, sonic-boom measures the whole batch anew with each line, 4 us a line. */
function inBytes(options: Parameters<typeof pino.destination>[0] & object): Destination {
  const stream = pino.destination({ ...options, contentMode: 'buffer' });
  const write = stream.write.bind(stream) as (line: Uint8Array | string) => boolean;
  stream.write = (line) => write(Buffer.from(line));
  return stream;
}

/** Writes what has been gathered; sonic-boom's `periodicFlush` writes on another thread even when that is nothing. */
function flushedSoon(stream: Destination): Destination {
  let timer: NodeJS.Timeout | undefined;
  let isNew = false;
  const flush = () => {
    timer = undefined;
    stream.flush();
  };
  const flushSoon = () => (timer ??= setTimeout(flush, flushAfterMs).unref());
  const write = stream.write.bind(stream);
  stream.write = (line) => {
    isNew = true;
    flushSoon();
    return write(line);
  };
  // What came while it was writing is written next, and what could not be written is tried again.
  stream.on('drain', () => {
    if (isNew) flushSoon();
    isNew = false;
  });
  stream.on('error', flushSoon);
  return stream;
}

async function rotatingFile(file: string): Promise<DestinationStream> {
  const { default: roll } = await import('pino-roll');
  const limits = { size: '10m', limit: { count: 5, removeOtherLogFiles: true }, maxLength: maxWaitingBytes };
  return bounded(await roll({ file, mkdir: true, ...limits }), 'file');
}
