import type { Server, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Server as TlsServer, type TLSSocket } from 'node:tls';

/** The greatest id of a stream: it tells a client to open no more without giving up any (RFC 9113, section 6.8). */
const anyStream = 2 ** 31 - 1;

/** The open connections of a server, and which of them await an answer. Make it before the server listens. */
export class Connections {
  /** Of HTTP/1 only: in HTTP/2 a session looks after its own streams. */
  private readonly latest = new Map<Socket, ServerResponse | undefined>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly http2Sockets = new Set<Socket>();
  /** All of them, those that are still in their TLS handshake too. */
  private readonly sockets = new Set<Socket>();
  private isLeaving = false;
  private excess = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      if ((socket as TLSSocket).alpnProtocol === 'h2') {
        this.http2Sockets.add(socket);
        socket.once('close', () => this.http2Sockets.delete(socket));
        return;
      }
      this.latest.set(socket, undefined);
      socket.once('close', () => this.latest.delete(socket));
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.sessions.add(session);
      if (this.isLeaving) sendAway(session);
      session.once('close', () => this.sessions.delete(session));
    });
    server.on('request', (request, response) => {
      if (request.httpVersionMajor > 1) return;
      this.latest.set(request.socket, response);
      if (this.excess > 0) this.closeAfter(response);
    });
  }

  /** How many there are of those that can be told to close after an answer: of HTTP/1. */
  get size(): number {
    return this.latest.size;
  }

  /** Has the next answers on so many connections tell their clients that the connection closes. */
  closeSome(count: number): void {
    this.excess = count;
  }

  /** Has the answers under way tell their clients that the connection closes; those that begin later do so themselves. */
  announceClose(): void {
    this.isLeaving = true;
    for (const response of this.latest.values()) {
      if (response && !response.headersSent) response.setHeader('Connection', 'close');
    }
    for (const session of this.sessions) sendAway(session);
  }

  private closeAfter(response: ServerResponse): void {
    if (response.headersSent) return;
    response.setHeader('Connection', 'close');
    this.excess--;
  }

  /** Those that have no whole request with us: idle ones, and those whose request is still on its way. */
  *withoutRequest(): Iterable<Socket> {
    for (const [socket, response] of this.latest) if (!isAwaited(response)) yield socket;
  }

  /** Lets HTTP/2 sessions finish the streams that they have and end then. */
  endSessions(): void {
    for (const session of this.sessions) if (!session.closed) session.close();
    if ([...this.sessions].some((session) => !session.destroyed)) return;
    // A client that does not listen would keep its connection half open.
    for (const socket of this.http2Sockets) if (socket.writableLength === 0) socket.destroy();
  }

  /** Cuts whatever is left. */
  destroyAll(): void {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
  }
}

function isAwaited(response: ServerResponse | undefined): boolean {
  return response !== undefined && response.req.complete && !response.writableFinished && !response.destroyed;
}

function sendAway(session: ServerHttp2Session): void {
  // One whose client has gone just now is still in the set.
  if (!session.destroyed) session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
}
