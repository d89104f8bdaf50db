import { capital } from '../definition/names.ts';
import { quoted } from './literals.ts';
import type { FieldModel } from './field-model.ts';

const id = '01936c1e-8f2a-7c3b-9a41-5d2f7be09abc';

/** A valid value, as TypeScript: for the documentation, and for the tests as JSON would carry it. */
export function sampleLiteral(field: FieldModel, variant: 1 | 2 = 1): string {
  if (field.example !== undefined && variant === 1) return field.example;
  const { type, values } = field;
  switch (type) {
    case 'string':
    case 'text':
      return quoted(textSample(field, variant));
    case 'integer':
      return String(numberSample(field, variant));
    case 'bigint':
      return quoted(String(numberSample(field, variant)));
    case 'decimal':
      return quoted(decimalSample(field, variant));
    case 'boolean':
      return String(variant === 1);
    case 'date':
      return quoted(`2026-02-${27 + variant}`);
    case 'datetime':
      return quoted(`2026-02-28T1${variant}:00:00.000Z`);
    case 'uuid':
    case 'ref':
      return quoted(variant === 1 ? id : id.replace('abc', 'def'));
    case 'enum':
      return quoted(values[variant === 1 ? 0 : values.length - 1] ?? '');
    case 'json':
      return `{ key: 'value ${variant}' }`;
    case 'list':
      return `[${quoted(textSample(field, variant))}]`;
    default:
      return type satisfies never;
  }
}

/** Text of an allowed length. */
function textSample({ name, type, min, max }: FieldModel, variant: 1 | 2): string {
  const most = Number(max ?? (type === 'list' ? 50 : 200));
  const least = Number(min ?? (type === 'text' ? 0 : 1));
  const text = variant === 1 ? capital(name) : `New ${name}`;
  const long = text.padEnd(least, 'x');
  // Two variants must differ at any length but 0.
  return long.length <= most ? long : (variant === 1 ? 'a' : 'b').repeat(most);
}

function numberSample({ min, max }: FieldModel, variant: 1 | 2): bigint {
  const low = BigInt(min ?? (max === undefined || BigInt(max) >= 0n ? 0 : max));
  const high = BigInt(max ?? low + 1000n);
  const wanted = low + BigInt(variant === 1 ? 3 : 4);
  if (wanted <= high) return wanted;
  return variant === 1 ? low : high;
}

function decimalSample({ min, max, precision, scale }: FieldModel, variant: 1 | 2): string {
  const unit = 10n ** BigInt(scale);
  const toUnits = (text: string) => {
    const [whole = '', fraction = ''] = text.split('.');
    return BigInt(`${whole}${fraction.padEnd(scale, '0')}`);
  };
  const most = 10n ** BigInt(precision) - 1n;
  const high = max === undefined ? most : toUnits(max);
  const low = min === undefined ? (high < 0n ? high : 0n) : toUnits(min);
  const wanted = low + (variant === 1 ? (19n * unit * 100n + 99n * unit) / 100n : 20n * unit);
  const value = wanted <= high ? wanted : variant === 1 ? low : high;
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
