import type { ModuleModel } from './module-model.ts';

export interface IndexModel {
  readonly name: string;
  /** Of the entity and of the table, in the same order. */
  readonly properties: readonly string[];
  readonly columns: readonly string[];
  readonly isUnique: boolean;
  /** Deleted rows are left out. */
  readonly isLive: boolean;
  /** It serves an order of the list. */
  readonly isOrder: boolean;
}

/** One index for each order of the list, then those that fields ask for, then those of foreign keys. */
export function indexesOf(model: ModuleModel): IndexModel[] {
  const { names, fields, sortable, isReadOwned, hasOwner } = model;
  const { table } = names;
  const scope = isReadOwned ? [{ property: 'ownerId', column: 'owner_id' }] : [];
  const infix = isReadOwned ? 'owner_' : '';
  const order = (field: Key) => {
    const keys = [...scope, field, { property: 'id', column: 'id' }];
    return index(`${table}_${infix}${field.column}_idx`, keys, { isLive: true, isOrder: true });
  };
  const owner = { property: 'ownerId', column: 'owner_id' };
  return [
    order({ property: 'createdAt', column: 'created_at' }),
    order({ property: 'updatedAt', column: 'updated_at' }),
    ...sortable.map(order),
    ...fields
      .filter((field) => field.index && !field.sortable && !field.unique)
      .map((field) => index(`${table}_${infix}${field.column}_idx`, [...scope, field], { isLive: true })),
    ...fields
      .filter((field) => field.unique)
      .map((field) =>
        index(`${table}_${field.column}_unique`, [...(hasOwner ? [owner] : []), field], {
          isUnique: true,
          isLive: true,
        }),
      ),
    // Without them each deletion in the other table would read all of this one.
    ...fields.filter((field) => field.target).map((field) => index(`${table}_${field.column}_fkey_idx`, [field], {})),
    ...(hasOwner && !isReadOwned ? [index(`${table}_owner_id_fkey_idx`, [owner], {})] : []),
  ];
}

interface Key {
  readonly property: string;
  readonly column: string;
}

function index(name: string, keys: readonly Key[], flags: Partial<IndexModel>): IndexModel {
  return {
    name,
    properties: keys.map((key) => key.property),
    columns: keys.map((key) => key.column),
    isUnique: false,
    isLive: false,
    isOrder: false,
    ...flags,
  };
}
