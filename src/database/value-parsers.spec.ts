import fc from 'fast-check';
import { types } from 'pg';
import { valueParserOf } from './value-parsers.js';

const pgValue = (typeId: number, text: string): unknown =>
  (types.getTypeParser(typeId, 'text') as (text: string) => unknown)(text);
const sameAsPg = (typeId: number) => (text: string) =>
  expect(valueParserOf(typeId)(text)).toEqual(pgValue(typeId, text));

/** As PostgreSQL writes a moment: up to six decimals, none behind the last that counts. */
const moment = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.constantFrom('', '.3', '.34', '.345', '.345678'),
  )
  .map(([date, fraction]) => date.toISOString().slice(0, 19).replace('T', ' ') + fraction);

describe('valueParserOf', () => {
  it('reads moments as node-postgres does, in any time zone', () => {
    const zone = fc.constantFrom('+00', '+02', '-07', '+05:30');
    fc.assert(fc.property(moment, zone, (text, offset) => sameAsPg(1184)(text + offset)));
    for (const text of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC']) sameAsPg(1184)(text);
  });

  it('reads lists of text as node-postgres does, quoted or not', () => {
    const quoted = fc.string().map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
    const plain = fc.stringMatching(/^[a-z0-9 -]{1,8}$/);
    const element = fc.oneof(plain, quoted, fc.constant('NULL'));
    fc.assert(fc.property(fc.array(element), (list) => sameAsPg(1009)(`{${list.join()}}`)));
    for (const text of ['{{a},{b}}', '[0:1]={a,b}']) sameAsPg(1009)(text);
  });

  it.each([
    [16, ['t', 'f']],
    [20, ['9223372036854775807', '-1']],
    [21, ['-32768', '0']],
    [23, ['2147483647', '-5']],
    [25, ['', 'text']],
    [1700, ['0.00', '9999999999.99']],
    [2950, ['01936c1e-8f2a-7c3b-9a41-5d2f7be01234']],
    [3802, ['{"a": [1, null]}']],
  ])('reads type %i as node-postgres does', (typeId, texts) => {
    for (const text of texts) sameAsPg(typeId)(text);
  });
});
