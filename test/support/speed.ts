import type { HttpClient } from './client.js';

/** The fastest of a few runs, in milliseconds. */
export async function fastestMs(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now();
    await work();
    best = Math.min(best, performance.now() - startedAt);
  }
  return best;
}

/** A bound that holds on a busy machine too: `ms` on a quiet one, more by what a trivial request costs just now. */
export async function boundedBy(ms: number, client: HttpClient): Promise<number> {
  return ms + 20 * (await fastestMs(() => client.get('/health/live')));
}

/** The value below which the share `rank` of all values lies. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * rank))] ?? Number.NaN;
}
