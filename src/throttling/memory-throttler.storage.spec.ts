import { MemoryThrottlerStorage } from './memory-throttler.storage.js';

describe('MemoryThrottlerStorage', () => {
  let now: number;
  let storage: MemoryThrottlerStorage;

  beforeEach(() => {
    now = 0;
    storage = new MemoryThrottlerStorage(100_000, () => now);
  });

  it('lets the limit pass and blocks the rest of the window', async () => {
    const passed = { isBlocked: false, timeToExpire: 60, timeToBlockExpire: 0 };
    expect(await storage.increment('a', 60_000, 2)).toEqual({ ...passed, totalHits: 1 });
    expect(await storage.increment('a', 60_000, 2)).toEqual({ ...passed, totalHits: 2 });
    now = 500;
    expect(await storage.increment('a', 60_000, 2)).toEqual({
      totalHits: 3,
      isBlocked: true,
      timeToExpire: 60,
      timeToBlockExpire: 60,
    });
  });

  it('tells whole seconds, and never less than one', async () => {
    await storage.increment('a', 60_000, 1);
    now = 58_999;
    expect((await storage.increment('a', 60_000, 1)).timeToBlockExpire).toBe(2);
    now = 59_999.5;
    expect((await storage.increment('a', 60_000, 1)).timeToBlockExpire).toBe(1);
    now = 60_000;
    expect((await storage.increment('a', 60_000, 1)).isBlocked).toBe(false);
  });
});
