import { types } from 'pg';

/** Makes a value of the text that PostgreSQL sends for it. */
export type ValueParser = (text: string) => unknown;

/** Object ids of types (PostgreSQL's catalogue, pg_type). */
const oid = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  textArray: 1009,
  varchar: 1043,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
} as const;

const asItIs: ValueParser = (text) => text;
const number: ValueParser = (text) => Number(text);

const parsers = new Map<number, ValueParser>([
  [oid.bool, (text) => text === 't'],
  [oid.int2, number],
  [oid.int4, number],
  [oid.int8, asItIs],
  [oid.text, asItIs],
  [oid.varchar, asItIs],
  [oid.numeric, asItIs],
  [oid.uuid, asItIs],
  [oid.textArray, plainList],
  [oid.timestamptz, instant],
]);

/** The parser of a type: gives what node-postgres would give, sooner for the types that most columns have. */
export function valueParserOf(typeId: number): ValueParser {
  return parsers.get(typeId) ?? pgParser(typeId);
}

/** `{a,b}`; whatever is quoted, nested, null or numbered otherwise is node-postgres' to read. */
function plainList(text: string): unknown {
  if (text === '{}') return [];
  return /^\{[^"\\{}]+\}$/.test(text) && !text.includes('NULL')
    ? text.slice(1, -1).split(',')
    : pgParser(oid.textArray)(text);
}

/** `2026-11-24 08:30:12.345678+00`, as sessions in UTC send it; a Date has milliseconds. */
function instant(text: string): unknown {
  const end = text.length - 3;
  const isPlain = end <= 26 && text[10] === ' ' && text.endsWith('+00') && !text.startsWith('00');
  if (!isPlain) return pgParser(oid.timestamptz)(text);
  let milliseconds = 0;
  for (let at = 20, worth = 100; at < Math.min(end, 23); at++, worth /= 10) {
    milliseconds += (text.charCodeAt(at) - zero) * worth;
  }
  const [year, month, day] = [twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
}

const zero = '0'.charCodeAt(0);

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

function pgParser(typeId: number): ValueParser {
  return types.getTypeParser(typeId, 'text') as ValueParser;
}
