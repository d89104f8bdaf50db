import { MemoryCacheStore } from './memory-cache.store.js';

describe('MemoryCacheStore', () => {
  it('forgets an entry at the end of its life', async () => {
    let now = 1;
    const store = new MemoryCacheStore(() => now);
    await store.set('key', 'text', 1.5);
    now += 1499;
    expect(await store.get('key')).toBe('text');
    now += 2;
    expect(await store.get('key')).toBeUndefined();
  });

  it('F7: holds no more than 32 MiB and lets the least used go first', async () => {
    const store = new MemoryCacheStore();
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let entry = 0; entry < 100; entry++) {
      await store.set(`key-${entry}`, megabyte, 60);
      await store.get('key-0');
    }
    const kept = await Promise.all(Array.from({ length: 100 }, (_, entry) => store.get(`key-${entry}`)));
    expect(kept.filter((text) => text !== undefined)).toHaveLength(15);
    expect(kept[0]).toBeDefined();
    expect(kept[99]).toBeDefined();
  });

  it('F7: holds no more than 10,000 entries', async () => {
    const store = new MemoryCacheStore();
    for (let entry = 0; entry < 10_001; entry++) await store.set(`key-${entry}`, '1', 60);
    expect(await store.get('key-0')).toBeUndefined();
    expect(await store.get('key-1')).toBe('1');
  });
});
