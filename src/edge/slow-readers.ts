import type { ServerResponse } from 'node:http';

/** So much must be taken of an answer in each window. */
const leastBytes = 65_536;

interface Window {
  readonly since: number;
  /** Bytes that the connection had taken then. */
  readonly taken: number;
}

/** Finds answers that wait for a reader who takes next to nothing. */
export class SlowReaders {
  private readonly windows = new WeakMap<ServerResponse, Window>();

  constructor(private readonly windowMs: number) {}

  /** To be asked time and again; `now` is of the monotonic clock. */
  isStuck(response: ServerResponse, now: number): boolean {
    const { socket } = response;
    if (!socket || response.writableLength + socket.writableLength === 0) {
      this.windows.delete(response);
      return false;
    }
    const taken = socket.bytesWritten - socket.writableLength;
    const window = this.windows.get(response);
    if (window && now - window.since < this.windowMs) return false;
    this.windows.set(response, { since: now, taken });
    return window !== undefined && taken - window.taken < leastBytes;
  }
}
