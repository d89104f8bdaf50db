import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from '../support/openapi-index.js';

/** Values that break things: of other types, at the edges, too long, and what databases, parsers and prototypes trip over. */
export const hostile: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    0,
    -1,
    1.5,
    2_147_483_648,
    1e308,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    [[]],
    [null],
    { length: 1 },
    '\0',
    'a\0b',
    '\ud800',
    '\udc00x',
    '\uffff',
    '\u202e',
    '\ufeff',
    '👨‍👩‍👧'.repeat(30),
    'a\nb',
    '%',
    '_',
    '\\',
    "' OR '1'='1",
    '$1',
    '{{7*7}}',
    '../../etc/passwd',
    'NaN',
    'Infinity',
    '1e2',
    '-0',
    '0x10',
    '99999999999999999999',
    '9999999999.99',
    '10000000000.00',
    '2026-02-30T25:61:61Z',
    'null',
    'undefined',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.integer(),
  fc.double(),
  fc.nat(12).map((power) => 'x'.repeat(2 ** power)),
  fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 25 }),
  fc.nat(60).map(nested),
  fc
    .constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'a')
    .map((key) => JSON.parse(`{"${key}":{"x":1}}`) as unknown),
);

/** Lists in lists. */
function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) && text.isWellFormed());
const passwords = ['Quiet-Harbour-47', 'Brass&Sextant-1802', 'Ünïcode-Pass-99-ok', `Aa1!${'x'.repeat(100)}`];

const moment = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Values that the schema allows. */
export function validOf(schema: Schema, deref: (schema: Schema) => Schema): Arbitrary<unknown> {
  const {
    type,
    enum: words,
    properties,
    required = [],
    items,
    minItems = 0,
    maxItems = 5,
    ...rest
  } = deref(schema) as Known;
  if (words) return fc.constantFrom(...words);
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('null')) {
    const others = { ...deref(schema), type: types.filter((name) => name !== 'null')[0] };
    return fc.oneof({ weight: 4, arbitrary: validOf(others, deref) }, { weight: 1, arbitrary: fc.constant(null) });
  }
  switch (types[0]) {
    case 'integer':
    case 'number':
      return fc.integer({ min: rest.minimum ?? 0, max: rest.maximum ?? 2_147_483_647 });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.uniqueArray(validOf(items ?? {}, deref), { minLength: minItems, maxLength: Math.min(maxItems, 6) });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(properties ?? {}).map(([name, of]) => [name, validOf(of, deref)])),
        { requiredKeys: required },
      );
    default:
      return validText(rest);
  }
}

interface Known extends TextRules {
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
}

interface TextRules {
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
}

function validText({ pattern, format, minLength = 0, maxLength = 100 }: TextRules): Arbitrary<string> {
  if (format === 'password') return fc.constantFrom(...passwords);
  if (format === 'email') return fc.stringMatching(/^[a-z][a-z0-9]{2,20}@[a-z][a-z0-9]{1,12}\.(com|test|org)$/);
  if (format === 'uuid') return fc.uuid();
  if (format === 'date' || format === 'date-time')
    return moment.map((text) => (format === 'date' ? text.slice(0, 10) : text));
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  const short = line.filter((text) => [...text].length >= minLength && [...text].length <= maxLength);
  // The edges: lengths are counted in code points.
  return fc.oneof(
    { weight: 8, arbitrary: short },
    { weight: 1, arbitrary: fc.constant('😀'.repeat(maxLength)) },
    { weight: 1, arbitrary: fc.constant('x'.repeat(Math.max(minLength, 1))) },
  );
}
