import { etagOf, isUnchanged, parseIfMatch } from './etag.js';

describe('parseIfMatch', () => {
  it.each([
    ['"1"', [1]],
    ['"1", "22" ,"333"', [1, 22, 333]],
    [' "7" ', [7]],
    ['W/"1", "2"', [2]],
    ['"other", "2"', [2]],
    ['"2147483647"', [2_147_483_647]],
    ['', []],
    ['1', []],
    ['W/"1"', []],
    ['w/"1"', []],
    ['"0"', []],
    ['"01"', []],
    ['"-1"', []],
    ['"1.0"', []],
    ['"1', []],
    ['"*"', []],
    ['"2147483648"', []],
    ['"99999999999999999999"', []],
  ])('reads %j as the versions %j', (header, versions) => {
    expect(parseIfMatch(header)).toEqual(versions);
  });

  it.each(['*', ' * '])('reads %j as any version', (header) => {
    expect(parseIfMatch(header)).toBe('any');
  });

  it('reads what etagOf makes', () => {
    expect(parseIfMatch(etagOf(42))).toEqual([42]);
  });
});

describe('isUnchanged', () => {
  it.each(['"2"', 'W/"2"', '*', '"1", "2"', '"1",W/"2"', ' "2" '])('finds version 2 in %j', (header) => {
    expect(isUnchanged(header, '"2"')).toBe(true);
  });

  it.each(['"1"', '2', '', '"2', 'W/2', '"22"', '"1" "2"'])('does not find version 2 in %j', (header) => {
    expect(isUnchanged(header, '"2"')).toBe(false);
  });

  it('finds nothing where there is no entity tag', () => {
    expect(isUnchanged('*', undefined)).toBe(false);
  });
});
