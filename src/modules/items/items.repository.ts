import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, Not, Repository, type SelectQueryBuilder } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
import type { VersionMatch } from '../../common/http/etag.js';
import { selectOne } from '../../database/compiled-select.js';
import { patternOf, present, versionIn } from '../../database/conditions.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { updateReturning } from '../../database/update-returning.js';
import { Item } from './item.entity.js';
import type { ItemsQuery } from './items.dto.js';

@Injectable()
export class ItemsRepository extends Repository<Item> {
  constructor(
    dataSource: DataSource,
    private readonly codec: CursorCodec,
  ) {
    super(Item, dataSource.createEntityManager());
  }

  findOwned(ownerId: string, id: string): Promise<Item | null> {
    return selectOne(this, 'owned', (query, item) => query.where(`${item}.id = :id AND ${item}.ownerId = :ownerId`), {
      id,
      ownerId,
    });
  }

  page(ownerId: string, query: ItemsQuery): Promise<KeysetPage<Item>> {
    return keysetPage(this, { ...filterBy(ownerId, query), query, codec: this.codec });
  }

  /** Changes a live item if its version matches, in one statement. @returns null when nothing matched */
  change(ownerId: string, id: string, match: VersionMatch, changes: Partial<Item>): Promise<Item | null> {
    return updateReturning(this, { id, ownerId, deletedAt: IsNull(), ...versionIn(match) }, changes);
  }

  /** @returns null when there is no such deleted item */
  undelete(ownerId: string, id: string): Promise<Item | null> {
    return updateReturning(this, { id, ownerId, deletedAt: Not(IsNull()) }, { deletedAt: null });
  }
}

/** The conditions of a list. Only those that are asked for become part of the query, so that the index can serve it. */
function filterBy(ownerId: string, { q, status, minPrice, maxPrice, tag }: ItemsQuery) {
  const values = present({ ownerId, status, minPrice, maxPrice, tag, pattern: patternOf(q) });
  const names = Object.keys(values);
  return {
    values,
    shape: names.join(),
    build: (query: SelectQueryBuilder<Item>, item: string) => {
      for (const name of names) query.andWhere(conditions[name as keyof typeof conditions](item));
    },
  };
}

const conditions = {
  ownerId: (item: string) => `${item}.ownerId = :ownerId`,
  status: (item: string) => `${item}.status = :status`,
  minPrice: (item: string) => `${item}.price >= :minPrice`,
  maxPrice: (item: string) => `${item}.price <= :maxPrice`,
  tag: (item: string) => `:tag = ANY(${item}.tags)`,
  // The title sorts by code point, but case is folded by the language of the database.
  pattern: (item: string) => `(${item}.title COLLATE "default" ILIKE :pattern OR ${item}.description ILIKE :pattern)`,
};
