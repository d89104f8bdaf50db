import { defaultMetadataStorage, type TransformMetadata } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, ValidationTypes, type ValidationArguments } from 'class-validator';

export type DtoClass = new () => object;
/** Gives the checked instance of a value that surely is right, or undefined: then class-validator must be asked. */
export type Accept = (value: unknown) => object | undefined;

type ValidationMetadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

interface Rule {
  readonly isForEach: boolean;
  readonly constraints: unknown[];
  holds(value: unknown, args: ValidationArguments): unknown;
}

interface Property {
  readonly name: string;
  readonly transforms: readonly TransformMetadata['transformFn'][];
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly rules: readonly Rule[];
}

const plainToClass = 0;
const supported = new Set<string>([
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.WHITELIST,
]);

/**
 * Collects once what class-transformer and class-validator would look up for each value: the transformations and the
 * rules themselves, which stay the ones that decide. Only what a plain DTO has is understood.
 * @returns undefined when the class has more: nested classes, asynchronous rules, renamed or hidden properties
 */
export function compileDto(target: DtoClass, group: string): Accept | undefined {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', true, false, [group]);
  if (metadata.length === 0 || !metadata.every(isSupported) || !isPlainlyTransformed(target)) return undefined;
  const names = [...new Set(metadata.map(({ propertyName }) => propertyName))];
  const isUnderstood = names.every((name) => isOrdinary(target, name));
  const hasStrayDefaults = Object.keys(new target()).some((name) => !names.includes(name));
  if (!isUnderstood || hasStrayDefaults) return undefined;
  const properties = names.map((name) => propertyOf(target, name, metadata));
  const byName = new Map(properties.map((property) => [property.name, property]));
  return (value) => {
    if (!isRecord(value)) return undefined;
    const instance = instanceOf(target, byName, value);
    return instance && properties.every((property) => isValid(property, instance, target.name)) ? instance : undefined;
  };
}

function instanceOf(
  target: DtoClass,
  properties: ReadonlyMap<string, Property>,
  source: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const instance = new target() as Record<string, unknown>;
  for (const name of Object.keys(source)) {
    const property = properties.get(name);
    let value = source[name];
    if (!property || !isFlat(value)) return undefined;
    if (Array.isArray(value)) value = [...(value as unknown[])];
    for (const transform of property.transforms) {
      value = transform({ value, key: name, obj: source, type: plainToClass, options: {} });
    }
    instance[name] = value;
  }
  return instance;
}

function isValid(property: Property, instance: Record<string, unknown>, targetName: string): boolean {
  const value = instance[property.name];
  if (!isChecked(property, instance, value)) return true;
  for (const rule of property.rules) {
    const args = { targetName, property: property.name, object: instance, value, constraints: rule.constraints };
    if (!rule.isForEach || !Array.isArray(value)) {
      if (rule.holds(value, args) !== true) return false;
      continue;
    }
    for (const element of value) if (rule.holds(element, args) !== true) return false;
  }
  return true;
}

/** All conditions are asked, as class-validator does. */
function isChecked({ conditions }: Property, instance: object, value: unknown): boolean {
  let isChecked = true;
  for (const holds of conditions) if (holds(instance, value) === false) isChecked = false;
  return isChecked;
}

function propertyOf(target: DtoClass, name: string, metadata: readonly ValidationMetadata[]): Property {
  const own = metadata.filter(({ propertyName }) => propertyName === name);
  return {
    name,
    transforms: defaultMetadataStorage
      .findTransformMetadatas(target, name, plainToClass)
      .map((each) => each.transformFn),
    conditions: own
      .filter(({ type }) => (type as ValidationTypes) === ValidationTypes.CONDITIONAL_VALIDATION)
      .map(({ constraints }) => constraints[0] as Property['conditions'][number]),
    rules: own.filter(isRule).flatMap((rule) =>
      getMetadataStorage()
        .getTargetValidatorConstraints(rule.constraintCls)
        .map(({ instance }) => ({
          isForEach: rule.each,
          constraints: rule.constraints,
          holds: (value, args) => instance.validate(value, args),
        })),
    ),
  };
}

function isRule({ type }: ValidationMetadata): boolean {
  return (type as ValidationTypes) === ValidationTypes.CUSTOM_VALIDATION;
}

function isSupported(metadata: ValidationMetadata): boolean {
  if (!supported.has(metadata.type) || metadata.validateIf) return false;
  if (!isRule(metadata)) return true;
  return getMetadataStorage()
    .getTargetValidatorConstraints(metadata.constraintCls)
    .every((constraint) => !constraint.async);
}

/** Neither hides nor renames properties. */
function isPlainlyTransformed(target: DtoClass): boolean {
  const storage = defaultMetadataStorage;
  return storage.getExposedMetadatas(target).length === 0 && storage.getExcludedMetadatas(target).length === 0;
}

/** Has no class of its own, no transformation that holds only sometimes, and no accessor. */
function isOrdinary(target: DtoClass, name: string): boolean {
  const transforms = defaultMetadataStorage.findTransformMetadatas(target, name, plainToClass);
  return (
    defaultMetadataStorage.findTypeMetadata(target, name) === undefined &&
    transforms.every(({ options }) => Object.keys(options ?? {}).length === 0) &&
    !(name in (target.prototype as object))
  );
}

/** A value that class-transformer takes as it is: a scalar, or a list of scalars. */
function isFlat(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalar) && !hasGaps(value) : isScalar(value);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** every() passes over them. */
function hasGaps(list: readonly unknown[]): boolean {
  return Object.keys(list).length !== list.length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
