import { cachedKeyOf, joinKey, keyOfArguments, reserveNamespace } from './cache-key.js';

describe('keyOfArguments', () => {
  it('gives the same arguments the same key', () => {
    const args = () => [1, 'a', true, null, 7n, new Date(0), [1, undefined], { id: 1, tags: ['x'] }];
    expect(keyOfArguments(args())).toBe(keyOfArguments(args()));
  });

  it('takes a missing optional argument for undefined', () => {
    expect(keyOfArguments(['a', undefined, undefined])).toBe(keyOfArguments(['a']));
  });

  it('never gives different arguments the same key', () => {
    const hole: unknown[] = new Array(1);
    const different: unknown[][] = [
      [],
      [null],
      [undefined, 1],
      [null, 1],
      [1],
      ['1'],
      [1n],
      [true],
      ['true'],
      [new Date(0)],
      [new Date(0).toJSON()],
      [0],
      [[]],
      [hole],
      [[null]],
      [{}],
      [{ a: undefined }],
      [{ a: null }],
      [{ a: 1, b: 2 }],
      [{ a: { b: 2 } }],
      [{ $: 'undefined' }, 1],
      [{ $: 'date', value: 0 }],
      [{ o: [['a', 1]] }],
      [{ a: 1 }],
      ['a,b'],
      ['a', 'b'],
      ['a","b'],
      ['\ud800'],
      ['\ud801'],
      [JSON.parse('{"__proto__": 1}')],
    ];
    expect(new Set(different.map(keyOfArguments)).size).toBe(different.length);
  });

  it.each([
    [NaN],
    [Infinity],
    [() => 1],
    [Symbol('a')],
    [new Map()],
    [new Set()],
    [/a/],
    [new Error('a')],
    [Buffer.of(1)],
  ])('refuses %p, which JSON would confuse with something else', (arg) =>
    expect(() => keyOfArguments([arg])).toThrow(TypeError),
  );
});

describe('joinKey', () => {
  it('keeps a short part readable and bounds a long one', () => {
    expect(joinKey('Service.method', '["a"]')).toBe('Service.method:["a"]');
    const long = joinKey('Service.method', 'x'.repeat(100_000));
    expect(long).toHaveLength('Service.method:'.length + 44);
    expect(joinKey('Service.method', 'y'.repeat(100_000))).not.toBe(long);
  });

  it('lets no short part pose as the hash of a long one', () => {
    const long = joinKey('n', 'x'.repeat(1000));
    expect(joinKey('n', long.slice('n:'.length))).not.toBe(long);
  });
});

describe('reserveNamespace', () => {
  it('refuses a second class of the same name', () => {
    const owner = {};
    expect(reserveNamespace(owner, 'Twin', 'find')).toBe('Twin.find');
    expect(reserveNamespace(owner, 'Twin', 'find')).toBe('Twin.find');
    expect(() => reserveNamespace({}, 'Twin', 'find')).toThrow('Two classes cache Twin.find');
  });
});

describe('cachedKeyOf', () => {
  it.each([() => 1, undefined])('refuses what is not cached', (method) =>
    expect(() => cachedKeyOf(method, [])).toThrow('not cached'),
  );
});
