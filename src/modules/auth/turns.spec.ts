import { Turns } from './turns.js';

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, resolve, reject };
}

describe('Turns', () => {
  it('runs work with one key in the order in which it came, and forgets the key', async () => {
    const turns = new Turns();
    const first = held();
    const seen: string[] = [];
    const answers = [
      turns.take('a', async () => {
        const value = await first.promise;
        seen.push(value);
        return value;
      }),
      turns.take('a', () => Promise.resolve(seen.push('second'))),
    ];
    await Promise.resolve();
    expect(seen).toEqual([]);
    first.resolve('first');
    expect(await Promise.all(answers)).toEqual(['first', 2]);
    expect(seen).toEqual(['first', 'second']);
    expect(turns.size).toBe(0);
  });

  it('lets other keys pass', async () => {
    const turns = new Turns();
    const first = held();
    const waiting = turns.take('a', () => first.promise);
    expect(await turns.take('b', () => Promise.resolve('b'))).toBe('b');
    first.resolve('a');
    expect(await waiting).toBe('a');
  });

  it('goes on after a failure, which only its own caller hears of', async () => {
    const turns = new Turns();
    const first = held();
    const failing = turns.take('a', () => first.promise);
    const next = turns.take('a', () => Promise.resolve('next'));
    first.reject(new Error('failed'));
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('next');
    expect(turns.size).toBe(0);
  });
});
