import { Counter, Registry } from 'prom-client';
import type { CacheStore } from './cache-store.js';
import { CacheService } from './cache.service.js';
import { MemoryCacheStore } from './memory-cache.store.js';

/** A load that a test ends when it likes. */
class ManualLoad<T> {
  calls = 0;
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  readonly load = (): Promise<T> => {
    this.calls += 1;
    return new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }));
  };
}

const away = () => Promise.reject(new Error('away'));
const awayStore: CacheStore = { get: away, getOrLease: away, fill: away, release: away, set: away, delete: away };

/** Lets everything that waits for nothing but promises go on. */
const settle = () => new Promise(setImmediate);

describe('CacheService', () => {
  const registry = new Registry();
  let requests: Counter<'result'>;
  let cache: CacheService;

  beforeEach(() => {
    registry.clear();
    requests = new Counter({ name: 'requests', help: 'test', labelNames: ['result'], registers: [registry] });
    cache = new CacheService(new MemoryCacheStore(), requests);
  });

  async function counted(): Promise<Record<string, number>> {
    const { values } = await requests.get();
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels.result), value]));
  }

  it('gets what was set until it is deleted', async () => {
    expect(await cache.get('key')).toBeUndefined();
    await cache.set('key', { title: 'Ä', tags: [1, null] }, 60);
    expect(await cache.get('key')).toEqual({ title: 'Ä', tags: [1, null] });
    await cache.delete('key', 'other');
    expect(await cache.get('key')).toBeUndefined();
    expect(await counted()).toEqual({ hit: 1, miss: 2 });
  });

  it('gives every reader a copy of its own that went through JSON, the loader too', async () => {
    const load = () => Promise.resolve({ at: new Date(0), tags: ['a'] });
    const [first, second] = await Promise.all([cache.getOrLoad('key', 60, load), cache.getOrLoad('key', 60, load)]);
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z', tags: ['a'] });
    first.tags.push('b');
    expect(second.tags).toEqual(['a']);
    expect((await cache.getOrLoad('key', 60, load)).tags).toEqual(['a']);
  });

  it('loads once for all who ask at the same time', async () => {
    const manual = new ManualLoad<number>();
    const readers = Array.from({ length: 100 }, () => cache.getOrLoad('key', 60, manual.load));
    await settle();
    manual.resolve(7);
    expect(await Promise.all(readers)).toEqual(Array(100).fill(7));
    expect(await cache.getOrLoad('key', 60, manual.load)).toBe(7);
    expect(manual.calls).toBe(1);
    expect(await counted()).toEqual({ miss: 100, hit: 1 });
  });

  it('rejects all who wait for a load that fails, and loads again for the next', async () => {
    const manual = new ManualLoad<number>();
    const readers = Promise.allSettled(Array.from({ length: 10 }, () => cache.getOrLoad('key', 60, manual.load)));
    await settle();
    manual.reject(new Error('no such thing'));
    for (const reader of await readers) expect(reader).toMatchObject({ reason: new Error('no such thing') });
    expect(await cache.getOrLoad('key', 60, () => Promise.resolve(8))).toBe(8);
  });

  it('does not keep undefined, but null', async () => {
    let loads = 0;
    const load = (value: null | undefined) => () => Promise.resolve((loads++, value));
    expect(await cache.getOrLoad('none', 60, load(undefined))).toBeUndefined();
    expect(await cache.getOrLoad('none', 60, load(undefined))).toBeUndefined();
    expect(loads).toBe(2);
    expect(await cache.getOrLoad('null', 60, load(null))).toBeNull();
    expect(await cache.getOrLoad('null', 60, load(null))).toBeNull();
    expect(loads).toBe(3);
  });

  it('never stores what began to load before a delete, nor gives it to who asks after', async () => {
    const old = new ManualLoad<string>();
    const reader = cache.getOrLoad('key', 60, old.load);
    await settle();
    await cache.delete('key');
    expect(await cache.getOrLoad('key', 60, () => Promise.resolve('new'))).toBe('new');
    old.resolve('old');
    expect(await reader).toBe('old');
    expect(await cache.get('key')).toBe('new');
  });

  it('never stores what began to load before a set', async () => {
    const old = new ManualLoad<string>();
    const reader = cache.getOrLoad('key', 60, old.load);
    await settle();
    await cache.set('key', 'new', 60);
    old.resolve('old');
    await reader;
    expect(await cache.get('key')).toBe('new');
  });

  it.each([0, -1, NaN])('refuses a life of %p seconds', async (ttlSeconds) => {
    await expect(cache.set('key', 1, ttlSeconds)).rejects.toThrow(RangeError);
    await expect(cache.getOrLoad('key', ttlSeconds, () => Promise.resolve(1))).rejects.toThrow(RangeError);
  });

  it('refuses to set undefined', async () => {
    await expect(cache.set('key', undefined, 60)).rejects.toThrow(TypeError);
  });

  it('R6: loads each time, once for all who wait, while the store is away, and no call fails', async () => {
    cache = new CacheService(awayStore, requests);
    await cache.set('key', 1, 60);
    await cache.delete('key');
    expect(await cache.get('key')).toBeUndefined();
    let loads = 0;
    const load = () => Promise.resolve((loads += 1));
    expect(await Promise.all([cache.getOrLoad('key', 60, load), cache.getOrLoad('key', 60, load)])).toEqual([1, 1]);
    expect(await cache.getOrLoad('key', 60, load)).toBe(2);
    await expect(cache.getOrLoad('key', 60, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(await counted()).toEqual({ error: 4 });
  });
});
