import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CursorCodec } from '../common/http/cursor.js';

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

interface KeysetOptions<T> {
  readonly order: KeysetOrder<T>;
  readonly limit: number;
  readonly cursor?: string;
  /** Whatever else shapes the list, such as owner and filters; a cursor is good for one scope only. */
  readonly scope: string;
  readonly codec: CursorCodec;
}

/**
 * One page by keyset: the index finds the first row, so that page 5,000 costs what page 1 costs, and no row is skipped or
 * repeated while others write.
 * @throws ValidationFailed for a cursor of another list
 */
export async function keysetPage<T extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<T>,
  { order, limit, cursor, scope, codec }: KeysetOptions<T>,
): Promise<KeysetPage<T>> {
  const { alias } = query;
  const cursorScope = `${alias}|${order.property}|${order.direction}|${scope}`;
  if (cursor !== undefined) {
    const [value, id] = codec.decode(cursor, cursorScope);
    const operator = order.direction === 'ASC' ? '>' : '<';
    query.andWhere(`(${alias}.${order.property}, ${alias}.id) ${operator} (:keysetValue, :keysetId)`, {
      keysetValue: value,
      keysetId: id,
    });
  }
  query.orderBy(`${alias}.${order.property}`, order.direction).addOrderBy(`${alias}.id`, order.direction);
  const rows = await query.limit(limit + 1).getMany();
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    rows: rows.slice(0, limit),
    nextCursor: last ? codec.encode([textOf(last[order.property]), last.id], cursorScope) : null,
  };
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
