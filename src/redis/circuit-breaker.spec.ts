import { jest } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

describe('CircuitBreaker', () => {
  let isAlive: boolean;
  let probes: number;
  let opened: string[];
  let closed: number;
  let breaker: CircuitBreaker;

  beforeEach(() => {
    jest.useFakeTimers();
    isAlive = false;
    probes = 0;
    opened = [];
    closed = 0;
    breaker = new CircuitBreaker({
      probeIntervalMs: 200,
      probe: () => {
        probes += 1;
        return isAlive ? Promise.resolve() : Promise.reject(new Error('dead'));
      },
      onOpen: (reason) => opened.push(reason.message),
      onClose: () => (closed += 1),
    });
  });

  afterEach(() => jest.useRealTimers());

  it('reports an outage once, with the first reason', () => {
    breaker.open(new Error('first'));
    breaker.open(new Error('second'));
    expect(breaker.isOpen).toBe(true);
    expect(opened).toEqual(['first']);
  });

  it('probes until there is a sign of life, then no more', async () => {
    breaker.open(new Error('trouble'));
    await jest.advanceTimersByTimeAsync(600);
    expect(probes).toBe(3);
    expect(breaker.isOpen).toBe(true);

    isAlive = true;
    await jest.advanceTimersByTimeAsync(200);
    expect(breaker.isOpen).toBe(false);
    expect(closed).toBe(1);
    await jest.advanceTimersByTimeAsync(1000);
    expect(probes).toBe(4);
  });

  it('probes at once when told, and opens again later', async () => {
    breaker.open(new Error('trouble'));
    breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    expect([probes, breaker.isOpen]).toEqual([1, true]);

    isAlive = true;
    breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    expect([probes, breaker.isOpen, closed]).toEqual([2, false, 1]);

    breaker.probe();
    breaker.open(new Error('again'));
    expect(probes).toBe(2);
    expect(opened).toEqual(['trouble', 'again']);
  });

  it('keeps one probe going, however often it is asked', async () => {
    breaker.open(new Error('trouble'));
    breaker.probe();
    breaker.probe();
    await jest.advanceTimersByTimeAsync(1000);
    expect(probes).toBe(7);
  });

  it('neither probes nor reports after stop', async () => {
    breaker.open(new Error('trouble'));
    breaker.stop();
    isAlive = true;
    breaker.probe();
    await jest.advanceTimersByTimeAsync(1000);
    breaker.open(new Error('late'));
    expect([probes, closed, opened]).toEqual([0, 0, ['trouble']]);
  });
});
