import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundSocket, type BoundSocketOptions } from 'node:net';
import { removeStaleSocket, withMode, type ListenTarget } from '../listen-on.js';

/**
 * The one socket that all workers listen on. The supervisor only holds it: connections wait in it while no worker is there,
 * and none is lost with a worker that closes its end.
 */
export class ListeningSocket {
  private constructor(private socket: BoundSocket | undefined) {}

  /** @throws Error EADDRINUSE and the like, in the system's words */
  static async bind(target: ListenTarget): Promise<ListeningSocket> {
    if (typeof BoundSocket !== 'function') {
      throw new Error('Workers need Node 26.4 or newer; set WEB_CONCURRENCY=1 and MAX_REQUESTS=0', { cause: 'Node' });
    }
    const { socketPath } = target;
    if (!socketPath) {
      const { address: host } = await lookup(target.host);
      return new ListeningSocket(new BoundSocket({ host, port: target.port }));
    }
    await removeStaleSocket(socketPath);
    // The types of Node do not know the path yet.
    const options = { path: socketPath } as BoundSocketOptions;
    return new ListeningSocket(withMode(target.socketMode, () => new BoundSocket(options)));
  }

  /** For a worker to inherit. */
  get descriptor(): number {
    return this.socket?.fd() ?? -1;
  }

  /**
   * Leaves it to the workers that listen on it, so that nobody waits in it when they have closed it. A Unix socket loses
   * its name thereby, and has it for `keepNameMs` more.
   */
  async letGo(keepNameMs: number, hurry: AbortSignal): Promise<void> {
    if (typeof this.socket?.address() === 'string') {
      await sleep(keepNameMs, undefined, { signal: hurry }).catch(() => undefined);
    }
    this.socket?.close();
    this.socket = undefined;
  }
}
