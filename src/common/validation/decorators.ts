import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf, buildMessage, type ValidationOptions } from 'class-validator';

/** The field may be left out. Unlike IsOptional it does not let null through, which would reach a column that refuses it. */
export const Optional = () => ValidateIf((_object, value) => value !== undefined);

/** The field may be null, or left out. */
export const OptionalOrNull = () => ValidateIf((_object, value) => value !== undefined && value !== null);

/** A length in Unicode code points, so that an emoji is one and not two. */
export function CodePoints(min: number, max: number, options?: ValidationOptions): PropertyDecorator {
  return rule('codePoints', `must have ${min} to ${max} characters`, options, (value) => {
    const length = codePointsOf(value);
    return length >= min && length <= max;
  });
}

/** Text without control characters. */
export function SingleLine(options?: ValidationOptions): PropertyDecorator {
  return rule(
    'singleLine',
    'must not contain control characters or line breaks',
    options,
    (value) => !/\p{Cc}|[\u2028\u2029]/u.test(value),
  );
}

/** Text that may have line breaks and tabs, but no other control characters. */
export function MultiLine(options?: ValidationOptions): PropertyDecorator {
  return rule(
    'multiLine',
    'must not contain control characters',
    options,
    (value) => !/(?![\n\r\t])\p{Cc}/u.test(value),
  );
}

/** An amount of money as a decimal string, "0" to "9999999999.99". */
export function IsMoney(options?: ValidationOptions): PropertyDecorator {
  return rule('money', 'must be a decimal string from "0.00" to "9999999999.99"', options, (value) =>
    moneyPattern.test(value),
  );
}

/** Normalizes an amount to two decimals, so that "5" is stored and compared as "5.00". */
export function normalizeMoney(amount: string): string {
  const [whole = '', cents = ''] = amount.split('.');
  return `${whole.replace(/^0+(?=\d)/, '')}.${cents.padEnd(2, '0')}`;
}

/** Reads a query parameter of plain decimal digits; anything else stays text and fails the rule for numbers. */
export const PlainInteger = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

const moneyPattern = /^\d{1,10}(\.\d{1,2})?$/;

/** A decorator whose rule sees strings only; whatever is no string breaks it. */
export function rule(
  name: string,
  message: string,
  options: ValidationOptions | undefined,
  holds: (value: string) => boolean,
): PropertyDecorator {
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value: unknown) => typeof value === 'string' && holds(value),
        defaultMessage: buildMessage((each) => `${each}$property ${message}`, options),
      },
    },
    options,
  );
}

export function codePointsOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
