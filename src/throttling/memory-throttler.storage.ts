import type { ThrottlerStorage } from '@nestjs/throttler';
import { FixedWindows } from './fixed-windows.js';
import { recordOf, type ThrottlerRecord, type WindowCount } from './throttler-record.js';

/** Limits of this process alone. */
export class MemoryThrottlerStorage implements ThrottlerStorage {
  private readonly windows = new Map<number, FixedWindows>();

  /** `maxKeys` bounds the keys of each window length; `now` is a monotonic clock in milliseconds. */
  constructor(
    private readonly maxKeys = 100_000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  increment(key: string, ttlMs: number, limit: number): Promise<ThrottlerRecord> {
    return Promise.resolve(this.count(key, ttlMs, limit));
  }

  /** The same for those who need not wait. */
  count(key: string, ttlMs: number, limit: number): ThrottlerRecord {
    return recordOf(this.hit(key, ttlMs), limit);
  }

  hit(key: string, windowMs: number): WindowCount {
    return this.windowsOf(windowMs).hit(key);
  }

  /** Counts a hit that Redis has counted: goes on from the greater count. */
  merge(key: string, windowMs: number, elsewhere: WindowCount): WindowCount {
    return this.windowsOf(windowMs).merge(key, elsewhere);
  }

  private windowsOf(windowMs: number): FixedWindows {
    let windows = this.windows.get(windowMs);
    if (!windows) {
      windows = new FixedWindows(windowMs, this.maxKeys, this.now);
      this.windows.set(windowMs, windows);
    }
    return windows;
  }
}
