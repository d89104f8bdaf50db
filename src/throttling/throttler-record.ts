import type { ThrottlerStorage } from '@nestjs/throttler';

export type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Hits of one key in its current window, this one included. */
export interface WindowCount {
  readonly hits: number;
  readonly remainingMs: number;
}

/** What @nestjs/throttler expects: whole seconds. A key over the limit is blocked until its window ends. */
export function recordOf({ hits, remainingMs }: WindowCount, limit: number): ThrottlerRecord {
  const seconds = Math.max(1, Math.ceil(remainingMs / 1000));
  const isBlocked = hits > limit;
  return { totalHits: hits, timeToExpire: seconds, isBlocked, timeToBlockExpire: isBlocked ? seconds : 0 };
}
