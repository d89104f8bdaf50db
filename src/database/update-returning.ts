import type { FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/**
 * Changes the one row that matches and reads it back, in one statement, so that nobody gets in between. Version and time
 * of change go up by themselves.
 * @returns null when no row matched
 */
export async function updateReturning<T extends ObjectLiteral>(
  repository: Repository<T>,
  where: FindOptionsWhere<T>,
  changes: QueryDeepPartialEntity<T>,
): Promise<T | null> {
  const result = await repository.createQueryBuilder().update().set(changes).where(where).returning('*').execute();
  const [row] = result.raw as Record<string, unknown>[];
  return row ? hydrate(repository, row) : null;
}

/** Makes an entity of a raw row. */
function hydrate<T extends ObjectLiteral>(repository: Repository<T>, row: Record<string, unknown>): T {
  const entity = repository.create();
  const { columns, connection } = repository.metadata;
  for (const column of columns) {
    column.setEntityValue(entity, connection.driver.prepareHydratedValue(row[column.databaseName], column));
  }
  return entity;
}
