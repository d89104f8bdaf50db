import { Injectable } from '@nestjs/common';
import { DataSource, In, IsNull, Not, Repository, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
import type { VersionMatch } from '../../common/http/etag.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { updateReturning } from '../../database/update-returning.js';
import { Item } from './item.entity.js';
import type { ItemSort, ItemsQuery } from './items.dto.js';

type ItemsFilter = Pick<ItemsQuery, 'q' | 'status' | 'minPrice' | 'maxPrice' | 'tag'>;

@Injectable()
export class ItemsRepository extends Repository<Item> {
  constructor(
    dataSource: DataSource,
    private readonly codec: CursorCodec,
  ) {
    super(Item, dataSource.createEntityManager());
  }

  findOwned(ownerId: string, id: string): Promise<Item | null> {
    return this.findOneBy({ id, ownerId });
  }

  page(ownerId: string, query: ItemsQuery & { limit: number; sort: ItemSort }): Promise<KeysetPage<Item>> {
    const { q, status, minPrice, maxPrice, tag } = query;
    return keysetPage(this.filtered(ownerId, query), {
      order: {
        property: query.sort.replace('-', '') as 'createdAt' | 'updatedAt' | 'title' | 'price',
        direction: query.sort.startsWith('-') ? 'DESC' : 'ASC',
      },
      limit: query.limit,
      cursor: query.cursor,
      scope: JSON.stringify([ownerId, q, status, minPrice, maxPrice, tag]),
      codec: this.codec,
    });
  }

  countOwned(ownerId: string, filter: ItemsFilter): Promise<number> {
    return this.filtered(ownerId, filter).getCount();
  }

  /** Changes a live item if its version matches, in one statement. @returns null when nothing matched */
  change(ownerId: string, id: string, match: VersionMatch, changes: Partial<Item>): Promise<Item | null> {
    return updateReturning(this, { id, ownerId, deletedAt: IsNull(), ...versionIn(match) }, changes);
  }

  /** @returns null when there is no such deleted item */
  undelete(ownerId: string, id: string): Promise<Item | null> {
    return updateReturning(this, { id, ownerId, deletedAt: Not(IsNull()) }, { deletedAt: null });
  }

  private filtered(ownerId: string, { q, status, minPrice, maxPrice, tag }: ItemsFilter): SelectQueryBuilder<Item> {
    const items = this.createQueryBuilder('item').where('item.ownerId = :ownerId', { ownerId });
    if (status) items.andWhere('item.status = :status', { status });
    if (minPrice) items.andWhere('item.price >= :minPrice', { minPrice });
    if (maxPrice) items.andWhere('item.price <= :maxPrice', { maxPrice });
    if (tag) items.andWhere(':tag = ANY(item.tags)', { tag });
    // The title sorts by code point, but case is folded by the language of the database.
    if (q) {
      items.andWhere(`(item.title COLLATE "default" ILIKE :pattern OR item.description ILIKE :pattern)`, {
        pattern: `%${escapeLike(q)}%`,
      });
    }
    return items;
  }
}

function versionIn(match: VersionMatch): FindOptionsWhere<Item> {
  return match === 'any' ? {} : { version: In(match) };
}

/** %, _ and \ are themselves in a search. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}
