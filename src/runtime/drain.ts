import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import type { Connections } from './connections.js';

const silenceMs = 1000;
const hurriedGraceMs = 1000;
const pollMs = 50;

/**
 * Stops accepting and lets the requests in flight finish. A connection without one is closed after it was silent for a
 * second: an idle client gets time for one more request (answered with Connection: close) and so does not write into a
 * closing socket, and a request that was sent by half holds nobody up.
 * @param graceSeconds when it is over, what is left is cut
 * @param hurry cuts it down to a second
 */
export async function drain(
  server: Server,
  connections: Connections,
  graceSeconds: number,
  hurry: AbortSignal,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // http.Server.close() would cut idle connections at once; the listener alone is closed here.
    NetServer.prototype.close.call(server, () => resolve());
  });
  connections.announceClose();
  let deadline = performance.now() + graceSeconds * 1000;
  const hasten = () => {
    deadline = Math.min(deadline, performance.now() + hurriedGraceMs);
  };
  if (hurry.aborted) hasten();
  hurry.addEventListener('abort', hasten);

  const closeSilent = silenceWatch(connections);
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now >= deadline) connections.destroyAll();
    else closeSilent();
    // By then its clients know that they should open no more streams.
    if (now - startedAt >= silenceMs) connections.endSessions();
  }, pollMs);
  closeSilent();
  await closed;
  clearInterval(timer);
}

/** Gives a function that closes what has been silent long enough, counted from its first call. */
function silenceWatch(connections: Connections): () => void {
  const heard = new WeakMap<object, { bytes: number; at: number }>();
  return () => {
    const now = performance.now();
    for (const socket of connections.withoutRequest()) {
      const last = heard.get(socket);
      if (last?.bytes !== socket.bytesRead) heard.set(socket, { bytes: socket.bytesRead, at: now });
      else if (now - last.at >= silenceMs) socket.destroy();
    }
  };
}
