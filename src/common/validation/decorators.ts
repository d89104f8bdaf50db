import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, ValidateBy, ValidateIf, buildMessage, type ValidationOptions } from 'class-validator';

export interface FieldOptions {
  /** The field may be left out. */
  readonly optional?: boolean;
  /** The field may be null; implies optional. */
  readonly nullable?: boolean;
}

/** The field may be left out. Unlike IsOptional it does not let null through, which would reach a column that refuses it. */
export const Optional = () => ValidateIf((_object, value) => value !== undefined);

/** One line of text: `min` to `max` Unicode code points, no control characters. */
export const Line = (min: number, max: number, options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({ ...documented(options), minLength: min, maxLength: max }),
    IsString(),
    codePoints(min, max),
    singleLine(),
  );

/** Text of `min` to `max` Unicode code points that may have line breaks and tabs, but no other control characters. */
export const Paragraph = (min: number, max: number, options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    presence(options),
    ApiProperty({ ...documented(options), minLength: min, maxLength: max }),
    IsString(),
    codePoints(min, max),
    rule('multiLine', 'must not contain control characters', (text) => !/(?![\n\r\t])\p{Cc}/u.test(text)),
  );

/** An amount of money as a decimal string, "0" to "9999999999.99", brought to two decimals. */
export const Money = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && moneyPattern.test(value) ? normalizeMoney(value) : value,
    ),
    presence(options),
    ApiProperty({ ...documented(options), pattern: moneyPattern.source, example: '19.99' }),
    IsString(),
    rule('money', 'must be a decimal string from "0.00" to "9999999999.99"', (text) => moneyPattern.test(text)),
  );

/** A length in code points, so that an emoji is one and not two. */
export const codePoints = (min: number, max: number, options?: ValidationOptions): PropertyDecorator =>
  rule('length', `must have ${min} to ${max} characters`, (text) => isWithin(codePointsOf(text), min, max), options);

export const singleLine = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'singleLine',
    'must not contain control characters or line breaks',
    (text) => !/\p{Cc}|[\u2028\u2029]/u.test(text),
    options,
  );

/** Reads a query parameter of plain decimal digits; anything else stays text and fails the rule for numbers. */
export const PlainInteger = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** Each element of a list is one line of text of `min` to `max` code points; a fault names the element, such as tags.0. */
export const Lines = (min: number, max: number): PropertyDecorator =>
  applyDecorators(
    IsString(eachThat((element) => typeof element === 'string')),
    codePoints(min, max, { each: true }),
    singleLine({ each: true }),
  );

/** Options of a rule for each element of a list; `holds` is that rule, from which the pipe learns which elements broke it. */
export function eachThat(holds: (element: unknown) => boolean): ValidationOptions {
  return { each: true, context: { holds } satisfies ElementRule };
}

/** The context of a rule that looks at each element of a list. */
export interface ElementRule {
  readonly holds: (element: unknown) => boolean;
}

/**
 * A decorator from a rule about text. It lets other types through, so that a missing field has one fault and not one for
 * each rule: pair it with IsString.
 */
export function rule(
  name: string,
  message: string,
  holds: (text: string) => boolean,
  options?: ValidationOptions,
): PropertyDecorator {
  const validate = (value: unknown) => typeof value !== 'string' || holds(value);
  return ValidateBy(
    {
      name,
      validator: {
        validate,
        defaultMessage: buildMessage((each) => `${each}$property ${message}`, options),
      },
    },
    options?.each ? { ...options, ...eachThat(validate) } : options,
  );
}

/** So that "5" is stored and compared as "5.00". */
export function normalizeMoney(amount: string): string {
  const [whole = '', cents = ''] = amount.split('.');
  return `${whole.replace(/^0+(?=\d)/, '')}.${cents.padEnd(2, '0')}`;
}

export function codePointsOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const moneyPattern = /^\d{1,10}(\.\d{1,2})?$/;

function isWithin(length: number, min: number, max: number): boolean {
  return length >= min && length <= max;
}

/** What the document says of the field's presence. */
export function documented({ optional = false, nullable = false }: FieldOptions) {
  return { required: !optional && !nullable, ...(nullable && { nullable }) };
}

/** Skips the rules of a field that may be, and is, left out or null. */
export function presence({ optional, nullable }: FieldOptions): PropertyDecorator {
  if (nullable) return ValidateIf((_object, value) => value !== undefined && value !== null);
  return optional ? Optional() : () => undefined;
}
