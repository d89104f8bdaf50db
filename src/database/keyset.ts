import type { ObjectLiteral, Repository } from 'typeorm';
import type { CursorCodec } from '../common/http/cursor.js';
import { selectMany, type BuildQuery } from './compiled-select.js';

/** How a list is ordered: by one property, ties broken by id. */
export interface KeysetOrder<T> {
  readonly property: keyof T & string;
  readonly direction: 'ASC' | 'DESC';
}

export interface KeysetPage<T> {
  readonly rows: T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

interface KeysetOptions<T extends ObjectLiteral> {
  /** Names the conditions that `build` adds, see selectMany. */
  readonly shape: string;
  readonly build: BuildQuery<T>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly order: KeysetOrder<T>;
  readonly limit: number;
  readonly cursor?: string;
  readonly codec: CursorCodec;
}

/**
 * One page by keyset: the index finds the first row, so that page 5,000 costs what page 1 costs, and no row is skipped or
 * repeated while others write. A cursor is good for the same order, conditions and values only.
 * @throws ValidationFailed for a cursor of another list
 */
export async function keysetPage<T extends ObjectLiteral & { id: string }>(
  repository: Repository<T>,
  { shape, build, values, order, limit, cursor, codec }: KeysetOptions<T>,
): Promise<KeysetPage<T>> {
  const { property, direction } = order;
  const scope = JSON.stringify([repository.metadata.tableName, shape, property, direction, values]);
  const after = cursor === undefined ? undefined : codec.decode(cursor, scope);
  const rows = await selectMany(
    repository,
    `${shape}|${property}|${direction}|${after ? 'next' : 'first'}`,
    (query, alias) => {
      build(query, alias);
      if (after) {
        const comparison = direction === 'ASC' ? '>' : '<';
        query.andWhere(`(${alias}.${property}, ${alias}.id) ${comparison} (:keysetValue, :keysetId)`);
      }
      query.orderBy(`${alias}.${property}`, direction).addOrderBy(`${alias}.id`, direction);
    },
    after ? { ...values, keysetValue: after[0], keysetId: after[1] } : values,
    limit + 1,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    rows: last ? rows.slice(0, limit) : rows,
    nextCursor: last ? codec.encode([textOf(last[property]), last.id], scope) : null,
  };
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
