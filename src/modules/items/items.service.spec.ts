import { NotFoundException } from '@nestjs/common';
import { PreconditionFailed, PreconditionRequired, type VersionMatch } from '../../common/http/etag.js';
import type { Item } from './item.entity.js';
import type { ItemsRepository } from './items.repository.js';
import { ItemsService } from './items.service.js';

/** Items in memory, with the conditions of the real statements. */
class FakeItems {
  readonly rows = new Map<string, Item>();

  findOwned(ownerId: string, id: string): Promise<Item | null> {
    const item = this.rows.get(id);
    return Promise.resolve(item?.ownerId === ownerId && !item.deletedAt ? item : null);
  }

  async change(ownerId: string, id: string, match: VersionMatch, changes: Partial<Item>): Promise<Item | null> {
    const item = await this.findOwned(ownerId, id);
    if (!item || (match !== 'any' && !match.includes(item.version))) return null;
    return Object.assign(item, changes, { version: item.version + 1 });
  }

  undelete(ownerId: string, id: string): Promise<Item | null> {
    const item = this.rows.get(id);
    if (item?.ownerId !== ownerId || !item.deletedAt) return Promise.resolve(null);
    return Promise.resolve(Object.assign(item, { deletedAt: null, version: item.version + 1 }));
  }
}

describe('ItemsService', () => {
  let items: FakeItems;
  let service: ItemsService;

  beforeEach(() => {
    items = new FakeItems();
    items.rows.set('1', {
      id: '1',
      ownerId: 'ada',
      title: 'Sextant',
      description: null,
      price: '19.99',
      quantity: 1,
      status: 'draft',
      tags: [],
      version: 3,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      deletedAt: null,
    });
    service = new ItemsService(items as unknown as ItemsRepository);
  });

  it('changes an item whose version is asked for', async () => {
    expect(await service.update('ada', '1', '"3"', { quantity: 5 })).toMatchObject({ quantity: 5, version: 4 });
    expect(await service.update('ada', '1', '*', { quantity: 6 })).toMatchObject({ quantity: 6, version: 5 });
  });

  it('refuses a change without If-Match, and one with a stale one', async () => {
    await expect(service.update('ada', '1', undefined, {})).rejects.toThrow(PreconditionRequired);
    await expect(service.update('ada', '1', '"2"', {})).rejects.toThrow(PreconditionFailed);
    await expect(service.update('ada', '1', 'W/"3"', {})).rejects.toThrow(PreconditionFailed);
    expect(items.rows.get('1')?.version).toBe(3);
  });

  it('C1: finds nothing for others, whatever they send', async () => {
    for (const ifMatch of [undefined, '*', '"3"', '"2"']) {
      await expect(service.update('bob', '1', ifMatch, {})).rejects.toThrow(NotFoundException);
      await expect(service.remove('bob', '1', ifMatch)).rejects.toThrow(NotFoundException);
    }
    await expect(service.get('bob', '1')).rejects.toThrow(NotFoundException);
    await expect(service.restore('bob', '1')).rejects.toThrow(NotFoundException);
  });

  it('hides a deleted item until it is restored', async () => {
    await service.remove('ada', '1');
    await expect(service.get('ada', '1')).rejects.toThrow(NotFoundException);
    await expect(service.update('ada', '1', '*', {})).rejects.toThrow(NotFoundException);
    await expect(service.remove('ada', '1')).rejects.toThrow(NotFoundException);
    expect(await service.restore('ada', '1')).toMatchObject({ id: '1', version: 5 });
    expect(await service.get('ada', '1')).toMatchObject({ version: 5 });
  });

  it('leaves an item alone that is not deleted when it is restored', async () => {
    expect(await service.restore('ada', '1')).toMatchObject({ version: 3 });
  });

  it('deletes no version but the one that is asked for', async () => {
    await expect(service.remove('ada', '1', '"2"')).rejects.toThrow(PreconditionFailed);
    await service.remove('ada', '1', '"3"');
  });

  it('tells nothing of when an item was deleted', async () => {
    expect(await service.get('ada', '1')).not.toHaveProperty('deletedAt');
  });
});
