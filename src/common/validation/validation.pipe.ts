import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ValidationFailed } from '../http/problem.exception.js';
import type { FieldFault } from '../http/problem.js';
import type { EntryRule } from './decorators.js';

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
    validationError: { target: false, value: true },
    groups: [group],
    // Rules without a group hold under every policy.
    always: true,
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => faultsOf(error, ''))),
  });
}

/** A value of another type breaks every other rule too, which would tell nobody anything. */
const typeRules = ['isString', 'isInt', 'isArray', 'isBoolean'];
/** A list with more bad entries than this is told of the first ones only. */
const maxEntryFaults = 100;

function faultsOf(error: ValidationError, parent: string): FieldFault[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = brokenRules(error).flatMap((rule) => faultsOfRule(error, rule, field.slice(0, 100)));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, field))];
}

function brokenRules({ constraints = {}, contexts = {} }: ValidationError): string[] {
  const rules = Object.keys(constraints);
  const typeRule = rules.find((rule) => typeRules.includes(rule) && !(rule in contexts));
  return typeRule === undefined ? rules : [typeRule];
}

function faultsOfRule({ property, value, constraints, contexts }: ValidationError, rule: string, field: string) {
  const entryRule = contexts?.[rule] as EntryRule | undefined;
  if (!entryRule) return [{ field, code: codeOf(rule), message: messageOf(rule, constraints?.[rule] ?? '', property) }];
  return (value as unknown[])
    .flatMap((entry, index) => (entryRule.holds(entry) ? [] : [`${field}.${index}`]))
    .slice(0, maxEntryFaults)
    .map((path) => ({ field: path, code: codeOf(rule), message: entryRule.message }));
}

function codeOf(constraint: string): string {
  if (constraint === 'whitelistValidation') return 'unknown_property';
  return constraint.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** "title must be a string" is told as "must be a string": the field says the rest. */
function messageOf(rule: string, message: string, property: string): string {
  if (rule === 'whitelistValidation') return 'is not a known property';
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
