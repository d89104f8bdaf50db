import { normalizeDecimal } from '../../src/common/validation/scalars.ts';
import type { FieldDefinition } from '../definition/definition.ts';
import { capital, pluralOf, snake } from '../definition/names.ts';
import type { Names } from '../definition/names.ts';

/** An entity that a ref can point to. */
export interface Target {
  readonly Class: string;
  readonly table: string;
  /** The entity's file from src/modules, such as items/item.entity.ts. */
  readonly entityFile: string;
  /** The factory's file from test/factories, such as item.factory.ts. */
  readonly factoryFile: string;
  /** Rows belong to a user; a ref may then only point to the caller's own. */
  readonly hasOwner: boolean;
  /** Only administrators may create one. */
  readonly isAdminOnly: boolean;
}

/** A field with its spellings. */
export interface FieldModel extends Omit<FieldDefinition, 'target'> {
  /** The property; that of a ref ends in Id. */
  readonly property: string;
  readonly column: string;
  readonly tsType: string;
  /** The values of an enum and their type, such as itemStatuses and ItemStatus. */
  readonly enumConst: string;
  readonly enumType: string;
  readonly target?: Target;
  /** What create may leave out. */
  readonly isOptionalInput: boolean;
}

export function fieldModel(definition: FieldDefinition, names: Names, target?: Target): FieldModel {
  const { name, type, optional, default: standard } = definition;
  const property = type === 'ref' ? `${name}Id` : name;
  const enumType = `${names.Class}${capital(name)}`;
  return {
    ...definition,
    // As it is stored and answered.
    default: type === 'decimal' && standard !== undefined ? normalizeDecimal(standard, definition.scale) : standard,
    target,
    property,
    column: snake(property),
    enumType,
    enumConst: `${names.variable}${capital(pluralOf(name))}`,
    tsType: tsTypeOf(definition, enumType),
    isOptionalInput: optional || standard !== undefined || type === 'list',
  };
}

function tsTypeOf({ type }: FieldDefinition, enumType: string): string {
  switch (type) {
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'datetime':
      return 'Date';
    case 'enum':
      return enumType;
    case 'json':
      return 'Record<string, unknown>';
    case 'list':
      return 'string[]';
    case 'string':
    case 'text':
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'uuid':
    case 'ref':
      return 'string';
    default:
      return type satisfies never;
  }
}
