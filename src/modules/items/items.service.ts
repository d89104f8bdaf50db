import { Injectable, NotFoundException } from '@nestjs/common';
import { parseIfMatch, PreconditionFailed, PreconditionRequired } from '../../common/http/etag.js';
import { Unauthorized } from '../../common/http/problem.exception.js';
import { newId } from '../../common/new-id.js';
import { insertOne } from '../../database/compiled-insert.js';
import { violatedConstraint } from '../../database/sqlstate.js';
import { ownerKey, type Item } from './item.entity.js';
import { ItemDto, type CreateItemDto, type ItemsPage, type ItemsQuery, type UpdateItemDto } from './items.dto.js';
import { ItemsRepository } from './items.repository.js';

/** Every method works on the items of one owner; another user's item is as good as none. */
@Injectable()
export class ItemsService {
  constructor(private readonly items: ItemsRepository) {}

  /** @throws Unauthorized when the owner has just been deleted */
  async create(
    ownerId: string,
    { title, description, price, quantity, status, tags }: CreateItemDto,
  ): Promise<ItemDto> {
    const inserted = insertOne(this.items, {
      id: newId(),
      ownerId,
      title,
      description: description ?? null,
      price,
      quantity: quantity ?? 0,
      status: status ?? 'draft',
      tags: tags ?? [],
    });
    return ItemDto.of(await inserted.catch(toOwnerGone));
  }

  async list(ownerId: string, query: ItemsQuery): Promise<ItemsPage> {
    const { rows, page } = await this.items.page(ownerId, query);
    return { data: rows.map((item) => ItemDto.of(item)), page };
  }

  /** @throws NotFoundException */
  async get(ownerId: string, id: string): Promise<ItemDto> {
    return ItemDto.of(found(await this.items.findOwned(ownerId, id)));
  }

  /**
   * @throws NotFoundException
   * @throws PreconditionRequired without If-Match, PreconditionFailed when it is stale
   */
  async update(ownerId: string, id: string, ifMatch: string | undefined, changes: UpdateItemDto): Promise<ItemDto> {
    if (ifMatch === undefined) {
      await this.get(ownerId, id);
      throw new PreconditionRequired();
    }
    return this.change(ownerId, id, ifMatch, { ...changes });
  }

  /**
   * Hides the item until it is restored.
   * @throws NotFoundException
   * @throws PreconditionFailed when If-Match is given and stale
   */
  async remove(ownerId: string, id: string, ifMatch = '*'): Promise<void> {
    await this.change(ownerId, id, ifMatch, { deletedAt: new Date() });
  }

  /** Brings a deleted item back; one that was not deleted stays as it is. @throws NotFoundException */
  async restore(ownerId: string, id: string): Promise<ItemDto> {
    const restored = await this.items.undelete(ownerId, id);
    return restored ? ItemDto.of(restored) : this.get(ownerId, id);
  }

  private async change(ownerId: string, id: string, ifMatch: string, changes: Partial<Item>): Promise<ItemDto> {
    const changed = await this.items.change(ownerId, id, parseIfMatch(ifMatch), changes);
    if (changed) return ItemDto.of(changed);
    // Nothing matched: tell a missing item from a stale version.
    await this.get(ownerId, id);
    throw new PreconditionFailed();
  }
}

function found(item: Item | null): Item {
  if (!item) throw new NotFoundException();
  return item;
}

/** Until their token is refused everywhere, a user who is gone may still ask for things. */
function toOwnerGone(error: unknown): never {
  if (violatedConstraint(error) === ownerKey) throw new Unauthorized('invalid_token', { tokenSent: true });
  throw error;
}
