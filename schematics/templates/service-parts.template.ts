import { quoted } from '../model/literals.ts';
import type { FieldModel } from '../model/field-model.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { isParentOwned } from '../model/parent.ts';
import { parentFinderName } from './repository.template.ts';

/** The stable code of a clash, such as sku_taken. */
export function takenCode(field: FieldModel): string {
  return `${field.column}_taken`;
}

/** Those of all fields, for a docstring. */
export function takenCodes(unique: readonly FieldModel[]): string {
  return unique.map(takenCode).join(' or ');
}

/** What the parent is looked for by. */
export function parentArguments(model: ModuleModel): string {
  return `${isParentOwned(model) ? 'ownerId, ' : ''}${model.parent?.field.property ?? ''}`;
}

/** The method that looks for the parent. */
export function parentCheck(model: ModuleModel): string {
  const { names, parent } = model;
  if (!parent) return '';
  const owner = isParentOwned(model) ? 'ownerId: string, ' : '';
  return `

  /** @throws NotFoundException */
  private async require${parent.names.Class}(${owner}${parent.field.property}: string): Promise<void> {
    if (!(await this.${names.variables}.${parentFinderName(parent)}(${parentArguments(model)}))) throw new NotFoundException();
  }`;
}

/** The docstring of create. */
export function createDocs({ unique, refs, hasOwner, parent }: ModuleModel): string | undefined {
  const throws = [
    ...(parent ? [`@throws NotFoundException when there is no such ${parent.names.singular}`] : []),
    ...(hasOwner ? ['@throws Unauthorized when the owner has just been deleted'] : []),
    ...(refs.length > 0 ? ['@throws ValidationFailed when a reference leads nowhere'] : []),
    ...(unique.length > 0 ? [`@throws ProblemException 409 ${takenCodes(unique)}`] : []),
  ];
  if (throws.length === 0) return undefined;
  return throws.length === 1
    ? `  /** ${throws[0]} */`
    : `  /**\n${throws.map((line) => `   * ${line}`).join('\n')}\n   */`;
}

/** The property of the new entity. */
export function creation({ property, type, optional, default: standard }: FieldModel): string {
  if (optional) return `      ${property}: ${property} ?? null,`;
  if (type === 'list') return `      ${property}: ${property} ?? [],`;
  if (standard === undefined) return `      ${property},`;
  const value =
    type === 'datetime'
      ? `new Date(${quoted(standard)})`
      : ['integer', 'boolean'].includes(type)
        ? standard
        : quoted(standard);
  return `      ${property}: ${property} ?? ${value},`;
}
