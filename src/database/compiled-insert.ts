import type { EntityMetadata, ObjectLiteral, Repository } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { compilesStatements, execute, fill, type CompiledStatement } from './compiled-statement.js';

interface CompiledInsert extends CompiledStatement {
  /** The columns of $1, $2, ... */
  readonly written: readonly ColumnMetadata[];
}

const statements = new WeakMap<EntityMetadata, Map<string, CompiledInsert>>();

/**
 * Inserts a row by a statement that is worded once. What the entity leaves undefined gets its default, and times and
 * version are read back into it. Errors are the driver's: see violatedConstraint.
 */
export async function insertOne<T extends ObjectLiteral>(repository: Repository<T>, entity: T): Promise<T> {
  const { metadata } = repository;
  if (!compilesStatements(repository)) {
    await repository.insert(entity);
    return entity;
  }
  const { driver } = metadata.connection;
  const written = metadata.columns.filter((column) => isWritten(column, entity));
  const statement = compiled(metadata, written);
  const values = written.map(
    (column) => driver.preparePersistentValue(column.getEntityValue(entity), column) as unknown,
  );
  const [row] = await execute(repository, statement, values);
  if (row) fill(entity, metadata, statement, row);
  return entity;
}

function isWritten(column: ColumnMetadata, entity: ObjectLiteral): boolean {
  return column.isInsert && !column.isVersion && column.getEntityValue(entity) !== undefined;
}

function compiled(metadata: EntityMetadata, written: readonly ColumnMetadata[]): CompiledInsert {
  const shape = written.map((column) => column.databaseName).join();
  let known = statements.get(metadata);
  if (!known) statements.set(metadata, (known = new Map<string, CompiledInsert>()));
  let statement = known.get(shape);
  if (!statement) known.set(shape, (statement = compile(metadata, written)));
  return statement;
}

function compile(metadata: EntityMetadata, written: readonly ColumnMetadata[]): CompiledInsert {
  const { driver } = metadata.connection;
  const quote = (column: ColumnMetadata) => driver.escape(column.databaseName);
  const names = written.map(quote);
  const values = written.map((_, index) => `$${index + 1}`);
  if (metadata.versionColumn) {
    names.push(quote(metadata.versionColumn));
    values.push('1');
  }
  const returned = metadata.columns.filter((column) => column.isSelect && !written.includes(column));
  const returning = returned.length > 0 ? ` RETURNING ${returned.map(quote).join(', ')}` : '';
  const table = driver.escape(metadata.tableName);
  return {
    text: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})${returning}`,
    columns: returned,
    isRead: false,
    isInsert: true,
    written,
  };
}
