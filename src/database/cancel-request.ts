import { Connection } from 'pg';

const timeoutMs = 1000;

/** What of a session is needed to have its statement cancelled. */
export interface CancelTarget {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | object;
  readonly processID: number;
  readonly secretKey: number;
}

/** What the driver's connection has beyond its types. */
interface CancelConnection extends Connection {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/**
 * Asks the server to cancel what a session is at (PostgreSQL manual, 54.2.9), over a connection of its own: the session's
 * is busy. Never throws.
 * @returns whether the server has taken the request; its effect may follow a moment later
 */
export function requestCancel({ host, port, ssl, processID, secretKey }: CancelTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = new Connection({ ssl }) as CancelConnection;
    let isSent = false;
    const send = () => {
      isSent = true;
      connection.cancel(processID, secretKey);
    };
    const timer = setTimeout(() => {
      isSent = false;
      connection.stream.destroy();
    }, timeoutMs);
    connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
    connection.on('sslconnect', send);
    connection.on('error', () => connection.stream.destroy());
    // The server answers by closing the connection, once it has signalled the session.
    connection.on('end', () => {
      clearTimeout(timer);
      resolve(isSent);
    });
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}
