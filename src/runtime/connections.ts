import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, and which of them await an answer. Make it before the server listens. */
export class Connections {
  private readonly latest = new Map<Socket, ServerResponse | undefined>();
  private excess = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.latest.set(socket, undefined);
      socket.once('close', () => this.latest.delete(socket));
    });
    server.on('request', (request, response) => {
      this.latest.set(request.socket, response);
      if (this.excess > 0) this.closeAfter(response);
    });
  }

  get size(): number {
    return this.latest.size;
  }

  /** Has the next answers on so many connections tell their clients that the connection closes. */
  closeSome(count: number): void {
    this.excess = count;
  }

  /** Has the answers under way tell their clients that the connection closes; those that begin later do so themselves. */
  announceClose(): void {
    for (const response of this.latest.values()) {
      if (response && !response.headersSent) response.setHeader('Connection', 'close');
    }
  }

  private closeAfter(response: ServerResponse): void {
    // HTTP/2 has no such header.
    if (response.headersSent || response.req.httpVersionMajor > 1) return;
    response.setHeader('Connection', 'close');
    this.excess--;
  }

  /** Those that have no whole request with us: idle ones, and those whose request is still on its way. */
  *withoutRequest(): Iterable<Socket> {
    for (const [socket, response] of this.latest) if (!isAwaited(response)) yield socket;
  }
}

function isAwaited(response: ServerResponse | undefined): boolean {
  return response !== undefined && response.req.complete && !response.writableFinished && !response.destroyed;
}
