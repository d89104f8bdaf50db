import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter } from 'prom-client';
import { cachedKeyOf } from './cache-key.js';
import { CACHE_STORE, type CacheStore } from './cache-store.js';
import { CACHE_REQUESTS_METRIC } from './cache.metrics.js';

type Result = 'hit' | 'miss' | 'error';

/** One answer for everybody who asks for a key at the same time. */
type Flight = Promise<{ readonly text: string | undefined; readonly result: Result }>;

/**
 * Keeps values as JSON: in Redis for all instances, or in this process without REDIS_URL. Readers always get a copy
 * that went through JSON, also from the load itself: a Date comes back as a string. `undefined` is not kept.
 * While Redis is away nothing fails: values are loaded each time, and deletes are made up for when it is back.
 *
 * Invalidate after the change is committed. Then a value whose load began earlier is never stored.
 */
@Injectable()
export class CacheService {
  private readonly flights = new Map<string, Flight>();

  constructor(
    @Inject(CACHE_STORE) private readonly store: CacheStore,
    @InjectMetric(CACHE_REQUESTS_METRIC) private readonly requests: Counter<'result'>,
  ) {}

  async get<T>(key: string): Promise<T | undefined> {
    const found = await this.store.get(key).then(
      (text) => ({ text, result: text === undefined ? 'miss' : 'hit' }),
      () => ({ text: undefined, result: 'error' }),
    );
    this.requests.inc({ result: found.result });
    return parse<T | undefined>(found.text);
  }

  /** @throws TypeError when the value has no JSON */
  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    const text = stringify(value);
    if (text === undefined) throw new TypeError('undefined is not JSON and cannot be cached');
    assertTtl(ttlSeconds);
    this.flights.delete(key);
    await this.store.set(key, text, ttlSeconds).catch(() => undefined);
  }

  async delete(...keys: string[]): Promise<void> {
    // Whoever asks from now on must not get what is being loaded from before.
    for (const key of keys) this.flights.delete(key);
    await this.store.delete(keys).catch(() => undefined);
  }

  /**
   * The cached value, or what `load` gives, kept for `ttlSeconds`. Many who miss at once share one load, nearly
   * always over all instances too. A load that fails rejects them all and nothing is kept.
   */
  async getOrLoad<T>(key: string, ttlSeconds: number, load: () => Promise<T>): Promise<T> {
    let flight = this.flights.get(key);
    if (!flight) {
      assertTtl(ttlSeconds);
      const isCurrent = () => this.flights.get(key) === flight;
      flight = this.fetch(key, ttlSeconds, load, isCurrent).finally(() => {
        if (isCurrent()) this.flights.delete(key);
      });
      this.flights.set(key, flight);
    }
    const { text, result } = await flight;
    this.requests.inc({ result });
    return parse<T>(text);
  }

  /**
   * Forgets the answer of a `@Cached` method to these arguments:
   * `await this.cache.invalidate(UsersService, 'getProfile', user.id)`.
   * @throws TypeError when the method is not cached
   */
  async invalidate<C, M extends keyof C & string>(
    service: { readonly prototype: C },
    method: M,
    ...args: C[M] extends (...args: infer A) => unknown ? A : never
  ): Promise<void> {
    await this.delete(cachedKeyOf(service.prototype[method], args));
  }

  private async fetch<T>(key: string, ttlSeconds: number, load: () => Promise<T>, isCurrent: () => boolean): Flight {
    const found = await this.store.getOrLease(key).catch(() => undefined);
    if (found && 'text' in found) return { text: found.text, result: 'hit' };
    try {
      const text = stringify(await load());
      if (found && text !== undefined && isCurrent()) {
        await this.store.fill(key, text, ttlSeconds, found.lease).catch(() => undefined);
      }
      return { text, result: found ? 'miss' : 'error' };
    } catch (error) {
      if (found) await this.store.release(key, found.lease).catch(() => undefined);
      throw error;
    }
  }
}

/** JSON.stringify, whose declaration hides that undefined has no JSON. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function parse<T>(text: string | undefined): T {
  if (text === undefined) return undefined as T;
  return JSON.parse(text) as T;
}

function assertTtl(ttlSeconds: number): void {
  if (!(ttlSeconds > 0)) throw new RangeError('ttlSeconds must be greater than 0');
}
