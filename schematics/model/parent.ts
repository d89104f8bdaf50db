import type { FieldDefinition } from '../definition/definition.ts';
import { namesOf, type Names } from '../definition/names.ts';
import { fieldModel, type FieldModel, type Target } from './field-model.ts';

/** What the routes are below. */
export interface Parent {
  readonly names: Names;
  /** Its id, taken from the path. */
  readonly field: FieldModel & { readonly target: Target };
}

/** @throws DefinitionError of `resolve` when there is no such module */
export function parentField(
  name: string,
  own: Names,
  resolve: (field: FieldDefinition) => Target | undefined,
): Parent | undefined {
  const names = namesOf(name);
  const definition: FieldDefinition = {
    name: names.variable,
    type: 'ref',
    target: names.table,
    optional: false,
    unique: false,
    index: false,
    searchable: false,
    sortable: false,
    filterable: false,
    values: [],
    precision: 0,
    scale: 0,
  };
  const target = resolve(definition);
  return target && { names, field: { ...fieldModel(definition, own, target), target } };
}

/** Only its owner may reach what is below it. */
export function isParentOwned({ hasOwner, parent }: { readonly hasOwner: boolean; readonly parent?: Parent }): boolean {
  return hasOwner && parent !== undefined && parent.field.target.hasOwner;
}
