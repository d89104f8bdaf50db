import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { codePointsOf, Line, Money, normalizeMoney, Optional, Paragraph, PlainInteger } from './decorators.js';

class Thing {
  @Line(1, 3)
  name: unknown = 'a';

  @Paragraph(0, 5, { nullable: true })
  about?: unknown;

  @Money({ optional: true })
  price?: unknown;

  @Optional()
  @PlainInteger()
  count?: unknown;
}

const brokenRules = (values: object) =>
  validateSync(plainToInstance(Thing, { name: 'a', ...values })).flatMap(({ property, constraints }) =>
    Object.keys(constraints ?? {}).map((rule) => `${property}:${rule}`),
  );

describe('Line', () => {
  it.each(['a', 'abc', '🦊🦊🦊', 'e\u0301', ' ', 'a\u200bb', '\u202eab'])('takes %j', (name) => {
    expect(brokenRules({ name })).toEqual([]);
  });

  it.each([
    ['', ['name:length']],
    ['abcd', ['name:length']],
    ['🦊🦊🦊🦊', ['name:length']],
    ['a\nb', ['name:singleLine']],
    ['a\tb', ['name:singleLine']],
    ['\x00', ['name:singleLine']],
    ['\x1b', ['name:singleLine']],
    ['\x7f', ['name:singleLine']],
    ['\x9f', ['name:singleLine']],
    ['\u2028', ['name:singleLine']],
    [undefined, ['name:isString']],
    [null, ['name:isString']],
    [1, ['name:isString']],
    [['a'], ['name:isString']],
  ])('refuses %j', (name, rules) => {
    expect(brokenRules({ name })).toEqual(rules);
  });
});

describe('Paragraph', () => {
  it.each([undefined, null, '', 'a\nb', 'a\r\n\tb'])('takes %j', (about) => {
    expect(brokenRules({ about })).toEqual([]);
  });

  it.each(['abcdef', '\x00', '\x0b', '\x85', 5, {}])('refuses %j', (about) => {
    expect(brokenRules({ about })).toHaveLength(1);
  });
});

describe('Money', () => {
  it.each(['0', '0.00', '5', '5.5', '19.99', '9999999999.99', '0000000001'])('takes %j', (price) => {
    expect(brokenRules({ price })).toEqual([]);
  });

  it.each(['', '-1', '+1', '1.', '.5', '1.999', '1,5', '1e3', ' 1', '1 ', '10000000000', 'NaN', '١', '1\n'])(
    'refuses %j',
    (price) => {
      expect(brokenRules({ price })).toEqual(['price:money']);
    },
  );

  it.each([19.99, 0, true, null])('refuses %j, for money is no number', (price) => {
    expect(brokenRules({ price })).toEqual(['price:isString']);
  });
});

describe('normalizeMoney', () => {
  it.each([
    ['0', '0.00'],
    ['5', '5.00'],
    ['5.5', '5.50'],
    ['0005.05', '5.05'],
    ['000', '0.00'],
    ['9999999999.99', '9999999999.99'],
  ])('makes %s to %s', (amount, normalized) => {
    expect(normalizeMoney(amount)).toBe(normalized);
  });
});

describe('PlainInteger', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['007', 7],
    ['-1', '-1'],
    ['1e2', '1e2'],
    ['0x10', '0x10'],
    ['1.0', '1.0'],
    [' 1', ' 1'],
    ['', ''],
    ['9'.repeat(16), '9'.repeat(16)],
  ])('reads %j as %j', (text, value) => {
    expect(plainToInstance(Thing, { count: text }).count).toBe(value);
  });
});

describe('codePointsOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['🦊', 1],
    ['e\u0301', 2],
    ['👩‍👩‍👧', 5],
  ])('counts %j as %d', (text, count) => {
    expect(codePointsOf(text)).toBe(count);
  });
});
