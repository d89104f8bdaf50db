import type { ModuleModel } from '../model/module-model.ts';
import type { KnownEntity } from '../project/project.ts';
import { DefinitionError } from './definition.ts';

/** @throws DefinitionError for a parent that nothing can be below */
export function checkParent(model: ModuleModel, known: readonly KnownEntity[]): void {
  const fault = parentFault(model, known);
  if (fault !== undefined) throw new DefinitionError(`${model.definition.name}: ${fault}`);
}

function parentFault(
  { names, parent, hasOwner, isPublic, isAdminOnly }: ModuleModel,
  known: readonly KnownEntity[],
): string | undefined {
  if (!parent) return undefined;
  const { table, hasOwner: isParentOwned } = parent.field.target;
  if (table === names.table) return 'can not be below itself; use a ref';
  if (table === 'users') return 'each row belongs to a user already; choose another parent';
  if (known.find((entity) => entity.table === table)?.isNested === true) {
    return `${table} are below other rows themselves, and routes nest one deep; use a ref`;
  }
  if (isParentOwned && isPublic) return `${table} are their owners' own, so what is below them can't be public`;
  if (isParentOwned && !hasOwner && !isAdminOnly)
    return `${table} have owners, so what is below them has too; drop no-owner`;
  return undefined;
}
