import type { ObjectLiteral, Repository } from 'typeorm';

/** Makes an entity of a raw row, such as one that `RETURNING *` gave back; columns map as in the entity. */
export function hydrate<T extends ObjectLiteral>(repository: Repository<T>, row: Record<string, unknown>): T {
  const entity = repository.create();
  for (const column of repository.metadata.columns) {
    column.setEntityValue(entity, row[column.databaseName]);
  }
  return entity;
}
