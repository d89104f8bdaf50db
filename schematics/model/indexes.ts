import { snake } from '../definition/names.ts';
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
  const { names, fields, stored, sortable, unique, parent, isReadOwned, hasOwner } = model;
  const { table } = names;
  const { columns, infix } = listScope(model);
  const scope = columns.map((column, at) => ({ property: model.readScope[at] ?? '', column }));
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
    ...unique.map((field) =>
      index(
        `${table}_${field.column}_unique`,
        [...(hasOwner ? [owner] : []), ...(parent ? [parent.field] : []), field],
        {
          isUnique: true,
          isLive: true,
        },
      ),
    ),
    // Without them each deletion in the other table would read all of this one.
    ...stored.filter((field) => field.target).map((field) => index(`${table}_${field.column}_fkey_idx`, [field], {})),
    ...(hasOwner && !isReadOwned ? [index(`${table}_owner_id_fkey_idx`, [owner], {})] : []),
  ];
}

/** The columns that every list is narrowed down by, and what they put into the names of its indexes. */
export function listScope({ readScope }: ModuleModel): { columns: readonly string[]; infix: string } {
  const columns = readScope.map(snake);
  return { columns, infix: columns.map((column) => column.replace(/id$/, '')).join('') };
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
