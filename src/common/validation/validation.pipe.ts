import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ValidationFailed } from '../http/problem.exception.js';
import type { FieldFault } from '../http/problem.js';

/**
 * Nest's pipe, strict: unknown properties are refused, nothing is coerced, every fault is told at once.
 * @param group the validation group that holds besides the rules that always hold
 */
export function createValidationPipe(group: string): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    validationError: { target: false, value: false },
    groups: [group],
    // Rules without a group hold under every policy.
    always: true,
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => faultsOf(error, ''))),
  });
}

function faultsOf(error: ValidationError, parent: string): FieldFault[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    field: field.slice(0, 100),
    code: codeOf(constraint),
    message: constraint === 'whitelistValidation' ? 'is not a known property' : withoutName(message, error.property),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, field))];
}

function codeOf(constraint: string): string {
  if (constraint === 'whitelistValidation') return 'unknown_property';
  return constraint.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** "title must be a string" is told as "must be a string": the field says the rest. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
