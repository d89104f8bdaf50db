import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter } from 'prom-client';
import { problemMediaType, problemOf } from '../common/http/problem.js';
import { AppConfig } from '../config/app-config.js';
import { EventLoopDelay } from '../runtime/event-loop-delay.js';
import { Lifecycle } from '../runtime/lifecycle.js';
import { SHED_METRIC } from './edge.metrics.js';
import type { Gate } from './edge.adapter.js';
import { InFlight } from './in-flight.js';
import { QuietSockets } from './quiet-sockets.js';
import { securityHeaders } from './security-headers.js';

const exempt = /^\/(health|metrics)(\/|\?|$)/;
const quietMs = 5000;
/**
 * So long is a connection not read after a refusal, which is less than Retry-After asks of its client. Most of what a
 * refusal costs is the system's: a crowd that asks again at once would leave no time to serve anybody.
 */
const quietSocketMs = 900;

type Reason = 'concurrency' | 'event_loop';

const fixedHeaders = [
  ...securityHeaders.flat(),
  ...['Vary', 'Origin', 'X-Process-Time', '0.000000', 'Retry-After', '1', 'Content-Type', problemMediaType],
];
/** The body but for the request's id, which has always the same length. */
const anyId = randomUUID();
const anyBody = JSON.stringify(problemOf({ status: 503, code: 'overloaded' }, anyId));
const bodyParts = anyBody.split(anyId);
const bodyLength = String(Buffer.byteLength(anyBody));

/**
 * Refuses what this process can't serve in time (503 overloaded), so that the rest is served as fast as ever. A refusal is
 * made as cheaply as it can be: before Express, before the request has a context, a log line or a parsed body.
 */
@Injectable()
export class LoadShedding {
  private readonly logger = new Logger('Overload');
  private readonly maxConcurrency: number;
  private readonly shed: Readonly<Record<Reason, Counter.Internal>>;
  private readonly quiet = new QuietSockets(quietSocketMs, () => this.lifecycle.isLeaving);
  private shedSince?: number;
  private lastShedAt = 0;
  private count = 0;

  constructor(
    { maxConcurrency }: AppConfig,
    private readonly inFlight: InFlight,
    private readonly delay: EventLoopDelay,
    private readonly lifecycle: Lifecycle,
    @InjectMetric(SHED_METRIC) shed: Counter,
  ) {
    this.maxConcurrency = maxConcurrency;
    this.shed = { concurrency: shed.labels('concurrency'), event_loop: shed.labels('event_loop') };
  }

  /** @param refused is told of each request that is refused */
  gate(refused: (request: IncomingMessage, status: number) => void): Gate {
    return (request, response) => {
      const reason = this.reason();
      if (reason === undefined || exempt.test(request.url ?? '')) return true;
      this.shed[reason].inc();
      this.note(reason);
      // A body that nobody reads would have to be read off before the connection can be used again.
      const closes = hasBody(request) || this.lifecycle.isLeaving;
      refuse(request, response, closes);
      if (!closes && request.httpVersionMajor < 2) response.once('close', () => this.quiet.add(request.socket));
      refused(request, 503);
      return false;
    };
  }

  private reason(): Reason | undefined {
    if (this.inFlight.size >= this.maxConcurrency) return 'concurrency';
    if (this.delay.isTooLate) return 'event_loop';
    return undefined;
  }

  /** One line when it begins and one when it is over: a line for each refusal would cost what the refusal saves. */
  private note(reason: string): void {
    this.count++;
    this.lastShedAt = performance.now();
    if (this.shedSince !== undefined) return;
    this.shedSince = this.lastShedAt;
    this.logger.warn({ event: 'shedding', reason, msg: 'Overloaded: new requests are refused' });
    const timer = setInterval(() => {
      if (performance.now() - this.lastShedAt < quietMs) return;
      clearInterval(timer);
      const seconds = Math.round((this.lastShedAt - (this.shedSince ?? 0)) / 1000);
      this.logger.log({ event: 'shedding_over', refused: this.count, msg: `Refused ${this.count} in ${seconds} s` });
      this.shedSince = undefined;
      this.count = 0;
    }, 1000).unref();
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, closes: boolean): void {
  const requestId = randomUUID();
  const body = bodyParts.join(requestId);
  const headers = [...fixedHeaders, 'X-Request-ID', requestId, 'Content-Length', bodyLength];
  if (closes && request.httpVersionMajor < 2) headers.push('Connection', 'close');
  response.writeHead(503, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 16_384;
}
