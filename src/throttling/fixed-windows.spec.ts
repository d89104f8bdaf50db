import { FixedWindows } from './fixed-windows.js';

describe('FixedWindows', () => {
  let now: number;
  const windowsOf = (maxKeys: number) => new FixedWindows(60_000, maxKeys, () => now);

  beforeEach(() => (now = 5_000));

  it('counts the hits of a key until its window ends', () => {
    const windows = windowsOf(100);
    expect(windows.hit('a')).toEqual({ hits: 1, remainingMs: 60_000 });
    now += 59_999;
    expect(windows.hit('a')).toEqual({ hits: 2, remainingMs: 1 });
    expect(windows.hit('b')).toEqual({ hits: 1, remainingMs: 60_000 });
    now += 1;
    expect(windows.hit('a')).toEqual({ hits: 1, remainingMs: 60_000 });
    expect(windows.hit('b')).toEqual({ hits: 2, remainingMs: 59_999 });
  });

  it('keeps counting a key whose generation has become the old one', () => {
    const windows = windowsOf(100);
    now += 59_000;
    windows.hit('late');
    now += 1_000;
    windows.hit('turns the generations');
    expect(windows.hit('late')).toEqual({ hits: 2, remainingMs: 59_000 });
  });

  it('F7: drops what has expired, without being asked for it', () => {
    const windows = windowsOf(1_000_000);
    for (let key = 0; key < 10_000; key++) windows.hit(`key-${key}`);
    now += 60_000;
    windows.hit('a');
    now += 60_000;
    windows.hit('b');
    expect(windows.size).toBe(2);
  });

  it('F7: never holds more than its bound, and forgets the oldest first', () => {
    const windows = windowsOf(1000);
    for (let key = 0; key < 10_000; key++) {
      windows.hit(`key-${key}`);
      expect(windows.size).toBeLessThanOrEqual(1000);
    }
    expect(windows.hit('key-9999').hits).toBe(2);
    expect(windows.hit('key-9500').hits).toBe(2);
    expect(windows.hit('key-0').hits).toBe(1);
  });

  it('merges a hit counted elsewhere: the greater count, in the window that runs already', () => {
    const windows = windowsOf(100);
    expect(windows.merge('a', { hits: 4, remainingMs: 30_000 })).toEqual({ hits: 4, remainingMs: 30_000 });
    now += 10_000;
    expect(windows.merge('a', { hits: 1, remainingMs: 60_000 })).toEqual({ hits: 5, remainingMs: 20_000 });
    expect(windows.merge('a', { hits: 9, remainingMs: 60_000 })).toEqual({ hits: 9, remainingMs: 20_000 });
    now += 20_000;
    expect(windows.merge('a', { hits: 1, remainingMs: 60_000 })).toEqual({ hits: 1, remainingMs: 60_000 });
  });
});
