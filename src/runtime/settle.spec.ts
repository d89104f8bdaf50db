import type { INestApplication } from '@nestjs/common';
import { jest } from '@jest/globals';
import { settleLater } from './settle.js';

describe('settleLater', () => {
  afterEach(() => jest.useRealTimers());

  // The pool is gone by then, which was an uncaught error of each process that ended within half a second.
  it.each([
    ['leaves alone an application that is being taken down', true, 0],
    ['fills the pool of one that goes on', false, 1],
  ])('%s', async (_what, isUnderWay, fills) => {
    jest.useFakeTimers();
    const fillPool = jest.fn(() => new Promise<void>(() => undefined));
    const app = { get: () => ({ fillPool }) } as unknown as INestApplication;
    const shutdown = { isUnderWay: false };
    settleLater(app, shutdown);
    shutdown.isUnderWay = isUnderWay;
    await jest.runAllTimersAsync();
    expect(fillPool).toHaveBeenCalledTimes(fills);
  });
});
