import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemMediaType, problemOf } from '../common/http/problem.js';
import { maxUrlBytes } from './request-limits.js';
import { securityHeaders } from './security-headers.js';

type ClientError = Error & { code?: string; rawPacket?: Buffer };

/** Answers what never became a request (bad syntax, too long, too slow) with a problem, then closes the connection. */
export function answerClientError(error: ClientError, socket: Duplex): void {
  // A reset connection hears nothing, and an answer under way must not be mixed with another.
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerUnderWay(socket)) {
    socket.destroy();
    return;
  }
  answer(socket, statusOf(error));
}

/** CONNECT (RFC 9110, section 9.3.6) is for proxies, and this is none. */
export function refuseTunnel(socket: Duplex): void {
  answer(socket, 405, [['Allow', 'GET, HEAD, POST, PATCH, DELETE, OPTIONS']]);
}

function answer(socket: Duplex, status: number, more: readonly (readonly [string, string])[] = []): void {
  const requestId = randomUUID();
  const body = JSON.stringify(problemOf({ status }, requestId));
  const headers: (readonly [string, string])[] = [
    ...securityHeaders,
    ['X-Request-ID', requestId],
    ['X-Process-Time', '0.000000'],
    ['Content-Type', problemMediaType],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Connection', 'close'],
    ...more,
  ];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
}

function hasAnswerUnderWay(socket: Duplex): boolean {
  const message = (socket as Duplex & { _httpMessage?: { headersSent?: boolean } })._httpMessage;
  return message?.headersSent === true;
}

function statusOf(error: ClientError): number {
  if (error.code === 'HPE_HEADER_OVERFLOW') return hasLongUrl(error.rawPacket) ? 414 : 431;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

/** Judges by the bytes at hand: those before them are gone. */
function hasLongUrl(packet: Buffer | undefined): boolean {
  const firstLine = packet?.toString('latin1').split('\r\n', 1)[0] ?? '';
  const isWholeLine = firstLine.length < (packet?.length ?? 0);
  return !isWholeLine || firstLine.length > maxUrlBytes || /^\S+ HTTP\/\d\.\d$/.test(firstLine);
}
