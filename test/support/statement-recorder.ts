import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FrontendReader } from './frontend-reader.js';

/**
 * A proxy before PostgreSQL that notes each statement that is executed, whoever in the process sends it and however.
 * Give its url to the application in place of the real one. TLS is not supported.
 */
export class StatementRecorder {
  private readonly statements: string[] = [];
  private readonly parsed: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** The real URL with the proxy's host and port. */
    readonly url: string,
  ) {}

  /** @param databaseUrl of a server that listens on TCP */
  static async start(databaseUrl: string): Promise<StatementRecorder> {
    const { hostname, port } = new URL(databaseUrl);
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const recorder = new StatementRecorder(server, url.href);
    server.on('connection', (client) => recorder.relay(client, connect(Number(port || 5432), hostname)));
    return recorder;
  }

  /** The statements executed since the last call, oldest first. */
  take(): string[] {
    return this.statements.splice(0);
  }

  /** Those that the server was told to parse since the last call; text that it executes at once is not among them. */
  takeParsed(): string[] {
    return this.parsed.splice(0);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private relay(client: Socket, upstream: Socket): void {
    const reader = new FrontendReader(
      (statement) => this.statements.push(statement),
      (statement) => this.parsed.push(statement),
    );
    client.on('data', (chunk) => reader.read(chunk as Buffer));
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
