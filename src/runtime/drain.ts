import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';

const idleGraceMs = 1000;
const pollMs = 100;

/**
 * Stops accepting and lets the requests in flight finish. An idle connection gets a second in which its next request is
 * still answered (with Connection: close), so that no client writes into a closing socket.
 * @param graceSeconds when it is over, what is left is cut
 */
export async function drain(server: Server, graceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // http.Server.close() would cut idle connections at once; the listener alone is closed here.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs >= graceSeconds * 1000) server.closeAllConnections();
    else if (elapsedMs >= idleGraceMs) server.closeIdleConnections();
  }, pollMs);
  await closed;
  clearInterval(timer);
}
