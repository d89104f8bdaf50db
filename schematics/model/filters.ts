import { capital, singularOf } from '../definition/names.ts';
import { requestRule } from './dto-rules.ts';
import type { FieldModel } from './field-model.ts';

/** A query key of the list. */
export interface Filter {
  readonly name: string;
  readonly field: FieldModel;
  readonly tsType: string;
  /** What stands above the key's rules; empty when the name says it all. */
  readonly comment: string;
  readonly rules: string;
  /** The condition after the alias, with `@` for the column of the entity. */
  readonly condition: string;
  /** Its place among the others. */
  readonly rank: number;
}

export function filtersOf(field: FieldModel): Filter[] {
  if (!field.filterable) return [];
  const { property, type, tsType } = field;
  const same = { name: property, field, tsType, comment: '', condition: `@ = :${property}`, rank: 0 };
  const rules = requestRule(field, 'query');
  switch (type) {
    case 'integer':
      return range(field, `@QueryInteger() ${rules}`);
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'datetime':
      return range(field, rules);
    case 'list': {
      const name = singularOf(property);
      return [{ ...listFilter(field, name), field }];
    }
    case 'boolean':
      return [{ ...same, rules: `@QueryFlag() ${rules}` }];
    default:
      return [{ ...same, rules }];
  }
}

function range(field: FieldModel, rules: string): Filter[] {
  const { property, tsType } = field;
  const words = property.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const [low, high] = ['date', 'datetime'].includes(field.type) ? ['Earliest', 'Latest'] : ['Lowest', 'Highest'];
  return [
    { bound: 'min', sign: '>=', comment: `${low} ${words}.` },
    { bound: 'max', sign: '<=', comment: `${high} ${words}.` },
  ].map(({ bound, sign, comment }) => {
    const name = `${bound}${capital(property)}`;
    return { name, field, tsType, comment, rules, condition: `@ ${sign} :${name}`, rank: 1 };
  });
}

function listFilter({ max }: FieldModel, name: string): Omit<Filter, 'field'> {
  return {
    name,
    tsType: 'string',
    comment: `Only NAME with this ${name}.`,
    rules: `@Line(1, ${max ?? 50}, { optional: true })`,
    condition: `:${name} = ANY(@)`,
    rank: 2,
  };
}
