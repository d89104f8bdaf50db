import fc from 'fast-check';
import { isoText, jsonText } from './json-text.js';

describe('jsonText', () => {
  it('gives what JSON.stringify gives, with Dates of every kind anywhere in the value', () => {
    const value = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, maxDepth: 4 });
    fc.assert(fc.property(value, (sample) => expect(jsonText(sample)).toBe(JSON.stringify(sample))));
  });

  it('leaves the value as it was', () => {
    const moment = new Date(0);
    const value = { data: [{ moment }], moment };
    expect(jsonText(value)).toBe(JSON.stringify(value));
    expect(value).toEqual({ data: [{ moment }], moment });
    expect(value.data[0]?.moment).toBe(moment);
  });

  it('heeds a toJSON of the value’s own', () => {
    const special = Object.assign(new Date(0), { toJSON: () => 'mine' });
    expect(jsonText({ special, other: { toJSON: () => 7 } })).toBe('{"special":"mine","other":7}');
  });

  it('tells of a cycle as JSON.stringify does', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(() => jsonText(cycle)).toThrow(TypeError);
  });
});

describe('isoText', () => {
  it('gives what toISOString gives', () => {
    fc.assert(fc.property(fc.date({ noInvalidDate: true }), (date) => expect(isoText(date)).toBe(date.toISOString())));
  });
});
