import { quoted } from './literals.ts';
import { sampleLiteral } from './samples.ts';
import type { FieldModel } from './field-model.ts';

const largestBigint = '9223372036854775807';

/** The decorator that checks what comes in: in a creation, a change or a query. */
export function requestRule(field: FieldModel, place: 'create' | 'update' | 'query'): string {
  const { type, min, max, precision, scale } = field;
  const nullable = field.optional && place !== 'query';
  const optional = place !== 'create' || field.isOptionalInput;
  const presence = nullable ? ['nullable: true'] : optional ? ['optional: true'] : [];
  const options = (...more: string[]) => {
    const all = [...more, ...presence];
    return all.length > 0 ? `{ ${all.join(', ')} }` : '';
  };
  const call = (name: string, ...args: string[]) => `@${name}(${args.filter((arg) => arg !== '').join(', ')})`;
  // A query may ask for what no row can have.
  const [low, high] = place === 'query' ? [] : [min, max];
  switch (type) {
    case 'string':
      return call('Line', place === 'query' ? '1' : (min ?? '1'), max ?? '200', options());
    case 'text':
      return call('Paragraph', min ?? '0', max ?? '5000', options());
    case 'integer':
      return call('Integer', low ?? 'minInteger', high ?? 'maxInteger', options());
    case 'bigint':
      return call('Decimal', '19', '0', options(...bounds(low ?? `-${largestBigint}`, high ?? largestBigint)));
    case 'decimal':
      if (isMoney(field)) return call('Money', options());
      return call('Decimal', String(precision), String(scale), options(...bounds(low, high)));
    case 'boolean':
      return call('Flag', options());
    case 'date':
      return call('Day', options());
    case 'datetime':
      return call('Instant', options());
    case 'uuid':
    case 'ref':
      return call('Uuid', options());
    case 'enum':
      return call('OneOf', field.enumConst, options());
    case 'json':
      return call('JsonObject', options());
    case 'list':
      return call('LineList', '20', min ?? '1', max ?? '50', options());
    default:
      return type satisfies never;
  }
}

/** The decorator of the same property in the answer; empty when the type says it all. */
export function responseRule(field: FieldModel): string {
  const { type, optional, enumConst } = field;
  const nullable = optional ? ', nullable: true' : '';
  switch (type) {
    case 'integer':
      return `@ApiProperty({ type: 'integer'${nullable}, example: ${sampleLiteral(field)} })`;
    case 'enum':
      return `@ApiProperty({ enum: ${enumConst}${nullable} })`;
    case 'date':
      return `@ApiProperty({ type: 'string', format: 'date'${nullable} })`;
    case 'uuid':
    case 'ref':
      return `@ApiProperty({ type: 'string', format: 'uuid'${nullable} })`;
    case 'json':
      return `@ApiProperty({ type: 'object', additionalProperties: true${nullable} })`;
    case 'datetime':
      return optional ? `@ApiProperty({ type: 'string', format: 'date-time', nullable: true })` : '';
    case 'string':
    case 'text':
    case 'bigint':
    case 'decimal':
    case 'boolean':
    case 'list':
      return '';
    default:
      return type satisfies never;
  }
}

/** Amounts as the rest of the API has them. */
export function isMoney({ type, precision, scale, min, max }: FieldModel): boolean {
  return (
    type === 'decimal' && precision === 12 && scale === 2 && min !== undefined && Number(min) === 0 && max === undefined
  );
}

function bounds(low?: string, high?: string): string[] {
  return [
    ...(low === undefined ? [] : [`min: ${quoted(low)}`]),
    ...(high === undefined ? [] : [`max: ${quoted(high)}`]),
  ];
}
