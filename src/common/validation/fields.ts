import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { documented, Lines, presence, rule, type FieldOptions } from './decorators.js';
import { isDay, isInstant, isWithinDecimals, normalizeDecimal, type DecimalRange } from './scalars.js';

/** The range of PostgreSQL's integer. */
export const minInteger = -2_147_483_648;
export const maxInteger = 2_147_483_647;

/** A whole number. */
export const Integer = (min: number, max: number, options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({ type: 'integer', minimum: min, maximum: max, ...documented(options) }),
    IsInt(),
    Min(min),
    Max(max),
  );

/**
 * A decimal string of at most `precision` digits, `scale` of them behind the point, to which it is brought: "5" becomes
 * "5.00". With scale 0 it is a whole number that JSON could not hold.
 */
export const Decimal = (
  precision: number,
  scale: number,
  { min, max, ...options }: FieldOptions & DecimalRange = {},
): PropertyDecorator => {
  const fraction = scale > 0 ? String.raw`(\.\d{1,${scale}})?` : '';
  const pattern = new RegExp(String.raw`^-?\d{1,${precision - scale}}${fraction}$`);
  const range = `${min === undefined ? '' : ` from "${min}"`}${max === undefined ? '' : ` to "${max}"`}`;
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && pattern.test(value) ? normalizeDecimal(value, scale) : value,
    ),
    presence(options),
    ApiProperty({ type: 'string', pattern: pattern.source, ...documented(options) }),
    IsString(),
    rule('decimal', `must be a decimal string with at most ${scale} decimals`, (text) => pattern.test(text)),
    rule(
      'decimalRange',
      `must be${range}`,
      // What is no decimal at all has its fault already.
      (text) => !pattern.test(text) || isWithinDecimals(text, { min, max }, scale),
    ),
  );
};

export const Flag = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(presence(options), ApiProperty({ type: 'boolean', ...documented(options) }), IsBoolean());

/** A day of the calendar, such as "2026-02-28". */
export const Day = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({ type: 'string', format: 'date', ...documented(options) }),
    IsString(),
    rule('day', 'must be a date such as 2026-02-28', isDay),
  );

/** A moment (RFC 3339) with its offset from UTC, such as "2026-02-28T12:00:00Z"; it becomes a Date. */
export const Instant = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && isInstant(value) ? new Date(value) : value,
    ),
    presence(options),
    ApiProperty({ type: 'string', format: 'date-time', ...documented(options) }),
    IsInstant(),
  );

/** A UUID (RFC 9562), brought to lower case. */
export const Uuid = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    presence(options),
    ApiProperty({ type: 'string', format: 'uuid', ...documented(options) }),
    IsString(),
    rule('isUuid', 'must be a UUID', (text) => uuid.test(text)),
  );

export const OneOf = (values: readonly string[], options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(presence(options), ApiProperty({ enum: [...values], ...documented(options) }), IsIn(values));

/** An object of any keys; the limits of the whole body hold for it. */
export const JsonObject = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({ ...anyObject, selfRequired: documented(options).required, nullable: options.nullable }),
    IsObject(),
  );

/** A list of at most `maxSize` lines of text, each of `min` to `max` code points. */
export const LineList = (maxSize: number, min: number, max: number, options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({
      type: 'array',
      items: { type: 'string', minLength: min, maxLength: max },
      maxItems: maxSize,
      ...documented(options),
    }),
    IsArray(),
    ArrayMaxSize(maxSize),
    Lines(min, max),
  );

/** Reads the whole number of a query parameter; anything else stays text and fails the rule for numbers. */
export const QueryInteger = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** Reads true and false of a query parameter; anything else stays text and fails the rule for booleans. */
export const QueryFlag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

const anyObject = { type: 'object', additionalProperties: true } as const;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'instant',
    validator: {
      validate: (value: unknown) => value instanceof Date,
      defaultMessage: () => '$property must be a time with an offset, such as 2026-02-28T12:00:00Z',
    },
  });
}
