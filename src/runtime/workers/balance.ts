import type { WorkerProcess } from './worker-process.js';

const everyMs = 1000;
/** By how much a worker may be over the mean before anything is done: what chance makes, and moving has its price. */
const leastExcess = 4;
const toleratedShare = 1.25;

/**
 * Spreads connections that stay open. The system gives a new one to whichever worker is there first, so that a burst, or
 * the replacement of a worker, can leave most of them with one.
 */
export class Balance {
  constructor(private readonly workers: ReadonlySet<WorkerProcess>) {}

  watch(): void {
    setInterval(() => this.spread(), everyMs).unref();
  }

  private spread(): void {
    const all = [...this.workers].filter((worker) => worker.isPresent);
    // Nobody else would take them now.
    if (!all.every((worker) => worker.isServing && performance.now() - worker.lastSignAt < everyMs)) return;
    const excess = excessOf(all.map((worker) => worker.connections));
    all.forEach((worker, index) => excess[index] && worker.giveAway(excess[index]));
  }
}

/** How many connections each worker has too many. */
export function excessOf(counts: readonly number[]): number[] {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const tolerated = Math.max(mean * toleratedShare, mean + leastExcess);
  return counts.map((count) => (count > tolerated ? Math.floor(count - mean) : 0));
}
