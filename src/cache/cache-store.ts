export const CACHE_STORE = Symbol('CACHE_STORE');

/** Where the texts lie. Every method may reject when the store is away. */
export interface CacheStore {
  get(key: string): Promise<string | undefined>;
  /** The text; or, on a miss, a lease that allows filling it, as long as nobody deletes or sets the key meanwhile. */
  getOrLease(key: string): Promise<{ readonly text: string } | { readonly lease: string }>;
  /** Stores what was loaded under a lease, if the lease still holds. */
  fill(key: string, text: string, ttlSeconds: number, lease: string): Promise<void>;
  /** Gives a lease back unused. */
  release(key: string, lease: string): Promise<void>;
  /** Stores at once and ends the leases. */
  set(key: string, text: string, ttlSeconds: number): Promise<void>;
  /** Removes at once and ends the leases. A delete that the store can't do now is done before it is read again. */
  delete(keys: readonly string[]): Promise<void>;
}
