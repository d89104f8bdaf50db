import type { Socket } from 'node:net';

const everyMs = 100;

/** Connections that are not read for a while. What their clients send meanwhile waits with the system, at no cost. */
export class QuietSockets {
  private readonly queue: { readonly socket: Socket; readonly until: number }[] = [];
  private fresh: Socket[] = [];
  private timer?: NodeJS.Timeout;

  /** @param isOver whether all shall be read again at once, since the process is about to end */
  constructor(
    private readonly quietMs: number,
    private readonly isOver: () => boolean,
  ) {}

  add(socket: Socket): void {
    // Node begins to read the next request when one is over, perhaps not before the end of this turn.
    if (this.fresh.push(socket) === 1) setImmediate(() => this.hush());
  }

  private hush(): void {
    const until = performance.now() + this.quietMs;
    for (const socket of this.fresh) {
      socket.pause();
      this.queue.push({ socket, until });
    }
    this.fresh = [];
    this.timer ??= setInterval(() => this.wake(), everyMs).unref();
  }

  private wake(): void {
    const now = performance.now();
    const firstQuiet = this.queue.findIndex(({ until }) => until > now && !this.isOver());
    for (const { socket } of this.queue.splice(0, firstQuiet === -1 ? this.queue.length : firstQuiet)) socket.resume();
    if (this.queue.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
