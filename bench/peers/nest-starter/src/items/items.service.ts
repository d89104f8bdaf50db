import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { Item } from './item.entity.js';
import { CreateItemDto, ListItemsDto } from './items.dto.js';

@Injectable()
export class ItemsService {
  constructor(@InjectRepository(Item) private readonly items: Repository<Item>) {}

  async get(ownerId: string, id: string): Promise<Item> {
    const item = await this.items.findOneBy({ id, ownerId });
    if (!item) throw new NotFoundException();
    return item;
  }

  async list(ownerId: string, { limit, cursor }: ListItemsDto) {
    const rows = await this.items.find({
      where: { ownerId, ...(cursor ? { id: LessThan(cursor) } : {}) },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit + 1,
    });
    const data = rows.slice(0, limit);
    return { data, page: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
  }

  async create(ownerId: string, dto: CreateItemDto) {
    const { deletedAt: _, ...item } = await this.items.save(this.items.create({ ...dto, ownerId }));
    return item;
  }
}
