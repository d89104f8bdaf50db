import { DefinitionError, type FieldDefinition, type ModuleDefinition } from '../definition/definition.ts';
import { namesOf, type Names } from '../definition/names.ts';
import { filtersOf, type Filter } from './filters.ts';
import { fieldModel, type FieldModel, type Target } from './field-model.ts';
import { parentField, type Parent } from './parent.ts';

/** All that the templates need to know of a module. */
export interface ModuleModel {
  readonly definition: ModuleDefinition;
  readonly names: Names;
  /** What bodies hold. */
  readonly fields: readonly FieldModel[];
  /** What is stored and answered: the parent's id, if there is one, and the fields. */
  readonly stored: readonly FieldModel[];
  readonly parent?: Parent;
  readonly filters: readonly Filter[];
  readonly sortable: readonly FieldModel[];
  readonly searchable: readonly FieldModel[];
  readonly unique: readonly FieldModel[];
  readonly refs: readonly (FieldModel & { readonly target: Target })[];
  readonly hasOwner: boolean;
  /** Who reads sees the rows of one owner only. */
  readonly isReadOwned: boolean;
  /** The properties that tell the rows apart which a read, or a write, may see: ownerId and the parent's id, as it applies. */
  readonly readScope: readonly string[];
  readonly writeScope: readonly string[];
  readonly isPublic: boolean;
  readonly isAdminOnly: boolean;
  /** Writes may clash with what is stored. */
  readonly canConflict: boolean;
  /** The migration's number, milliseconds. */
  readonly timestamp: number;
}

/** @throws DefinitionError when fields get into each other's way */
export function moduleModel(
  definition: ModuleDefinition,
  resolve: (field: FieldDefinition) => Target | undefined,
  timestamp: number,
): ModuleModel {
  const names = namesOf(definition.name);
  const fields = definition.fields.map((field) => fieldModel(field, names, resolve(field)));
  const parent = definition.parent === undefined ? undefined : parentField(definition.parent, names, resolve);
  const stored = [...(parent ? [parent.field] : []), ...fields];
  const isReadOwned = definition.hasOwner && !definition.isPublic;
  const scope = (isOwned: boolean) => [...(isOwned ? ['ownerId'] : []), ...(parent ? [parent.field.property] : [])];
  const hasTarget = (field: FieldModel): field is FieldModel & { target: Target } => field.target !== undefined;
  const unique = fields.filter((field) => field.unique);
  const refs = fields.filter(hasTarget);
  const model: ModuleModel = {
    definition,
    names,
    fields,
    stored,
    parent,
    // Those that compare first, then ranges, then lists.
    filters: fields.flatMap(filtersOf).sort((a, b) => a.rank - b.rank),
    sortable: fields.filter((field) => field.sortable),
    searchable: fields.filter((field) => field.searchable),
    unique,
    refs,
    hasOwner: definition.hasOwner,
    isReadOwned,
    readScope: scope(isReadOwned),
    writeScope: scope(definition.hasOwner),
    isPublic: definition.isPublic,
    isAdminOnly: definition.isAdminOnly,
    canConflict: unique.length > 0 || refs.length > 0,
    timestamp,
  };
  checkNames(model);
  return model;
}

function checkNames({ names, stored, filters, refs, fields }: ModuleModel): void {
  const taken = [names.variable, names.variables, names.variable.toLowerCase()];
  for (const { name, property } of stored) {
    if (taken.includes(property)) {
      throw new DefinitionError(`${name}: is also the name of the module; choose another name`);
    }
  }
  refuseTwice(stored.map((field) => field.column));
  refuseTwice(filters.map((filter) => filter.name));
  const isTaken = (filter: Filter) =>
    ['q', 'limit', 'cursor', 'sort', 'include', 'pattern', 'ownerId'].includes(filter.name);
  const odd = filters.find(isTaken);
  if (odd) throw new DefinitionError(`${odd.name}: is a query key that every list has; choose another name`);
  const types = fields.filter((field) => field.type === 'enum').map((field) => field.enumType);
  const clash = refs.find((ref) => types.includes(ref.target.Class));
  if (clash) throw new DefinitionError(`${clash.name}: ${clash.target.Class} is also the type of an enum; rename it`);
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new DefinitionError(`${twice}: is there twice; choose another name`);
}
