import { excessOf } from './balance.js';

describe('excessOf', () => {
  it.each([
    [
      [32, 0],
      [16, 0],
    ],
    [
      [42, 8],
      [17, 0],
    ],
    [
      [26, 24],
      [0, 0],
    ],
    [
      [4, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [100, 10, 10, 10],
      [67, 0, 0, 0],
    ],
    [[50], [0]],
  ])('of %j is %j', (counts, expected) => {
    expect(excessOf(counts)).toEqual(expected);
  });
});
