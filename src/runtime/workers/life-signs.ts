import type { WorkerProcess } from './worker-process.js';

const looksEachTimeout = 4;
const longestLookMs = 1000;
/** Reading the modules of the application keeps a worker from giving signs; on a busy machine for long. */
const startSeconds = 60;

/** Watches for workers that give no sign of life any more: their event loop stands still, or the process is stopped. */
export class LifeSigns {
  constructor(
    private readonly timeoutSeconds: number,
    private readonly workers: ReadonlySet<WorkerProcess>,
    private readonly missed: (worker: WorkerProcess) => void,
  ) {}

  watch(): void {
    const everyMs = Math.min(longestLookMs, (this.timeoutSeconds * 1000) / looksEachTimeout);
    let lookedAt = performance.now();
    setInterval(() => {
      const now = performance.now();
      // Who was stopped itself has not read the signs that were given meanwhile.
      const wasAway = now - lookedAt > everyMs * 2;
      lookedAt = now;
      for (const worker of this.workers) {
        if (wasAway) worker.lastSignAt = now;
        if (!worker.hasExited && now - worker.lastSignAt > this.patienceMs(worker)) this.missed(worker);
      }
    }, everyMs).unref();
  }

  private patienceMs({ listeningSince }: WorkerProcess): number {
    const hasStarted = listeningSince !== undefined;
    return 1000 * (hasStarted ? this.timeoutSeconds : Math.max(startSeconds, this.timeoutSeconds));
  }
}
