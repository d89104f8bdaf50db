import { ValidationPipe, type ValidationError, type ValidationPipeOptions } from '@nestjs/common';
import { ValidationFailed } from '../http/problem.exception.js';
import type { FieldFault } from '../http/problem.js';
import type { ElementRule } from './decorators.js';
import { DtoPipe } from './dto.pipe.js';

/**
 * Nest's pipe, strict: unknown properties are refused, nothing is coerced, every fault is told at once.
 * @param isCompiled whether DTOs are first checked by rules that were collected once, see DtoPipe
 * @param group the validation group that holds besides the rules that always hold
 */
export function createValidationPipe(group: string, isCompiled = true): ValidationPipe {
  const options: ValidationPipeOptions = {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    // The value tells which faults are worth telling; it never leaves.
    validationError: { target: false, value: true },
    groups: [group],
    // Rules without a group hold under every policy.
    always: true,
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => faultsOf(error, ''))),
  };
  return isCompiled ? new DtoPipe(options, group) : new ValidationPipe(options);
}

function faultsOf(error: ValidationError, parent: string): FieldFault[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = brokenRules(error).flatMap(([constraint, message]) =>
    fieldsOf(error, constraint, path).map((field) => ({
      field: field.slice(0, 100),
      code: codeOf(constraint),
      message: constraint === 'whitelistValidation' ? 'is not a known property' : withoutName(message, error.property),
    })),
  );
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, path))];
}

/** Rules without which the others say nothing: of the right type, and of a length that is worth looking through. */
const firstRules: Readonly<Record<string, (value: unknown) => boolean>> = {
  isString: (value) => typeof value === 'string',
  isInt: (value) => typeof value === 'number',
  isArray: (value) => Array.isArray(value),
  arrayMaxSize: (value) => !Array.isArray(value),
};

function brokenRules(error: ValidationError): [constraint: string, message: string][] {
  const broken = Object.entries(error.constraints ?? {});
  const decisive = broken.find(
    ([constraint]) => !elementRuleOf(error, constraint) && firstRules[constraint]?.(error.value) === false,
  );
  return decisive ? [decisive] : broken;
}

/** The field itself, or those of its elements that broke the rule. */
function fieldsOf(error: ValidationError, constraint: string, path: string): string[] {
  const rule = elementRuleOf(error, constraint);
  if (!rule || !Array.isArray(error.value)) return [path];
  return error.value.flatMap((element, index) => (rule.holds(element) ? [] : [`${path}.${index}`]));
}

function elementRuleOf(error: ValidationError, constraint: string): ElementRule | undefined {
  const contexts: Record<string, ElementRule> | undefined = error.contexts;
  return contexts?.[constraint];
}

function codeOf(constraint: string): string {
  if (constraint === 'whitelistValidation') return 'unknown_property';
  return constraint.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** "title must be a string" is told as "must be a string": the field says the rest. */
function withoutName(message: string, property: string): string {
  const prefix = [`each value in ${property} `, `${property} `].find((start) => message.startsWith(start)) ?? '';
  return message.slice(prefix.length);
}
