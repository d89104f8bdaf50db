import { LRUCache } from 'lru-cache';
import type { CacheStore } from './cache-store.js';

const maxEntries = 10_000;
const maxBytes = 32 * 1024 * 1024;

/**
 * The cache of one process; the entries least used go first when it is full. Leases need no keeping here: CacheService
 * fills only from a load that no delete or set of this process has overtaken.
 */
export class MemoryCacheStore implements CacheStore {
  private readonly texts: LRUCache<string, string>;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.texts = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: (text, key) => 2 * (text.length + key.length),
      perf: { now },
      // Asks the clock each time; the default keeps a timer to save that.
      ttlResolution: 0,
    });
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.texts.get(key));
  }

  async getOrLease(key: string): Promise<{ text: string } | { lease: string }> {
    const text = await this.get(key);
    return text === undefined ? { lease: '' } : { text };
  }

  fill(key: string, text: string, ttlSeconds: number): Promise<void> {
    return this.set(key, text, ttlSeconds);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  set(key: string, text: string, ttlSeconds: number): Promise<void> {
    this.texts.set(key, text, { ttl: ttlSeconds * 1000 });
    return Promise.resolve();
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.texts.delete(key);
    return Promise.resolve();
  }
}
