import type { ObjectLiteral, Repository } from 'typeorm';
import type { CursorCodec } from '../common/http/cursor.js';
import { defaultPageSize, type PageInfo, type PageQuery } from '../common/http/page.dto.js';
import { selectMany, type BuildQuery } from './compiled-select.js';

/** A property to order by, ties broken by id; a - in front means descending. */
export type KeysetSort<T> = (keyof T & string) | `-${keyof T & string}`;

export interface KeysetPage<T> {
  readonly rows: T[];
  readonly page: PageInfo;
}

interface KeysetOptions<T extends ObjectLiteral> {
  /** Names the conditions that `build` adds, see selectMany. */
  readonly shape: string;
  readonly build: BuildQuery<T>;
  readonly values: Readonly<Record<string, unknown>>;
  /** What the client asks for; newest first unless it says. */
  readonly query: PageQuery & { readonly sort?: KeysetSort<T> };
  readonly codec: CursorCodec;
}

/**
 * One page by keyset: the index finds the first row, so that page 5,000 costs what page 1 costs, and no row is skipped or
 * repeated while others write. A cursor is good for the same order, conditions and values only.
 * @throws ValidationFailed for a cursor of another list
 */
export async function keysetPage<T extends ObjectLiteral & { id: string }>(
  repository: Repository<T>,
  { shape, build, values, query, codec }: KeysetOptions<T>,
): Promise<KeysetPage<T>> {
  const { limit = defaultPageSize, cursor, include, sort = '-createdAt' } = query;
  const property = sort.replace('-', '');
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
  const scope = JSON.stringify([repository.metadata.tableName, shape, sort, values]);
  const after = cursor === undefined ? undefined : codec.decode(cursor, scope);
  const rows = await selectMany(
    repository,
    `${shape}|${sort}|${after ? 'next' : 'first'}`,
    (select, alias) => {
      build(select, alias);
      if (after) {
        const comparison = direction === 'ASC' ? '>' : '<';
        select.andWhere(`(${alias}.${property}, ${alias}.id) ${comparison} (:keysetValue, :keysetId)`);
      }
      select.orderBy(`${alias}.${property}`, direction).addOrderBy(`${alias}.id`, direction);
    },
    after ? { ...values, keysetValue: after[0], keysetId: after[1] } : values,
    limit + 1,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const nextCursor = last ? codec.encode([textOf(last[property]), last.id], scope) : null;
  return {
    rows: last ? rows.slice(0, limit) : rows,
    page: { limit, nextCursor, ...(include === 'total' && { total: await count(repository, build, values) }) },
  };
}

/** All rows of the list, wherever the page begins. */
function count<T extends ObjectLiteral>(
  repository: Repository<T>,
  build: BuildQuery<T>,
  values: Readonly<Record<string, unknown>>,
): Promise<number> {
  const alias = repository.metadata.tableName;
  const query = repository.createQueryBuilder(alias).setParameters(values);
  build(query, alias);
  return query.getCount();
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
