import type { WindowCount } from './throttler-record.js';

interface Entry {
  hits: number;
  readonly expiresAt: number;
}

/**
 * Counts hits in fixed windows of one length, at constant cost a hit and in bounded memory. Keys live in two
 * generations: when the young one is a window old, everything in the old one has expired and goes as a whole.
 * A young generation that is full takes over early, which forgets the oldest keys first.
 */
export class FixedWindows {
  private young = new Map<string, Entry>();
  private old = new Map<string, Entry>();
  private turnedAt: number;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(
    private readonly windowMs: number,
    private readonly maxKeys: number,
    private readonly now: () => number,
  ) {
    this.turnedAt = now();
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  hit(key: string): WindowCount {
    const now = this.now();
    const entry = this.find(key, now);
    if (!entry) return this.start(key, { hits: 1, remainingMs: this.windowMs }, now);
    entry.hits += 1;
    return { hits: entry.hits, remainingMs: entry.expiresAt - now };
  }

  /** Counts a hit that was counted elsewhere too: goes on from the greater count. */
  merge(key: string, elsewhere: WindowCount): WindowCount {
    const now = this.now();
    const entry = this.find(key, now);
    if (!entry) return this.start(key, elsewhere, now);
    entry.hits = Math.max(entry.hits + 1, elsewhere.hits);
    return { hits: entry.hits, remainingMs: entry.expiresAt - now };
  }

  private find(key: string, now: number): Entry | undefined {
    const entry = this.young.get(key) ?? this.old.get(key);
    return entry && entry.expiresAt > now ? entry : undefined;
  }

  private start(key: string, count: WindowCount, now: number): WindowCount {
    if (now - this.turnedAt >= this.windowMs || this.young.size >= this.maxKeys / 2) {
      this.old = this.young;
      this.young = new Map();
      this.turnedAt = now;
    }
    this.young.set(key, { hits: count.hits, expiresAt: now + count.remainingMs });
    return count;
  }
}
