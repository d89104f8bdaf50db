import { EarlyDeaths } from './early-deaths.js';

describe('EarlyDeaths', () => {
  function after(times: readonly number[]): EarlyDeaths {
    const deaths = new EarlyDeaths();
    for (const time of times) deaths.add(time);
    return deaths;
  }

  it('R7: are hopeless when there are five in a row', () => {
    expect(after([1, 2, 3, 4]).areHopeless).toBe(false);
    expect(after([1, 2, 3, 4, 5]).areHopeless).toBe(true);
  });

  it('R7: do not count when they are more than a minute old', () => {
    expect(after([0, 20_000, 40_000, 61_000, 62_000]).areHopeless).toBe(false);
    expect(after([0, 20_000, 40_000, 61_000, 62_000, 63_000, 64_000]).areHopeless).toBe(true);
  });

  it('R7: begin anew when a worker did well', () => {
    const deaths = after([1, 2, 3, 4]);
    deaths.clear();
    deaths.add(5);
    expect([deaths.count, deaths.areHopeless]).toEqual([1, false]);
  });

  it('R7: are followed by pauses that grow and stay under a second', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6].map((count) => after(Array<number>(count).fill(1)).pauseMs);
    expect(pauses).toEqual([0, 0, 100, 200, 400, 800, 800]);
  });
});
