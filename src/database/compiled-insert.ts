import type { EntityMetadata, ObjectLiteral, Repository } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { compilesStatements, execute, fill, isWrittenAsItIs, type CompiledStatement } from './compiled-statement.js';

type ReadValue = (entity: ObjectLiteral) => unknown;

/** What is known of a table: the columns that an insert may write, and the statements for those that it did write. */
interface Insertable {
  readonly columns: readonly { readonly column: ColumnMetadata; readonly read: ReadValue }[];
  readonly statements: Map<string, CompiledStatement>;
}

const insertables = new WeakMap<EntityMetadata, Insertable>();

/**
 * Makes an entity of values and inserts its row, by a statement that is worded once. What is left undefined gets its
 * default; that, times and version are read back into the entity. Errors are the driver's: see violatedConstraint.
 */
export async function insertOne<T extends ObjectLiteral>(repository: Repository<T>, values: Partial<T>): Promise<T> {
  const { metadata } = repository;
  const entity = Object.assign(new (metadata.target as new () => T)(), values);
  if (!compilesStatements(repository)) {
    await repository.insert(entity);
    return entity;
  }
  const { columns, statements } = insertableOf(metadata);
  const written: unknown[] = [];
  // Which columns are written, a character for each.
  let shape = '';
  for (const { read } of columns) {
    const value = read(entity);
    shape += value === undefined ? '-' : '+';
    if (value !== undefined) written.push(value);
  }
  let statement = statements.get(shape);
  if (!statement) {
    const chosen = columns.filter((_, index) => shape[index] === '+').map(({ column }) => column);
    statements.set(shape, (statement = compile(metadata, chosen)));
  }
  const [row] = await execute(repository, statement, written);
  if (row) fill(entity, metadata, statement, row);
  return entity;
}

function insertableOf(metadata: EntityMetadata): Insertable {
  let known = insertables.get(metadata);
  if (!known) {
    const columns = metadata.columns.filter((column) => column.isInsert && !column.isVersion);
    known = {
      columns: columns.map((column) => ({ column, read: readerOf(metadata, column) })),
      statements: new Map(),
    };
    insertables.set(metadata, known);
  }
  return known;
}

function readerOf({ connection: { driver } }: EntityMetadata, column: ColumnMetadata): ReadValue {
  const { propertyName } = column;
  if (isWrittenAsItIs(column)) return (entity) => entity[propertyName] as unknown;
  return (entity) => {
    const value: unknown = column.getEntityValue(entity);
    return value === undefined ? undefined : ((driver.preparePersistentValue(value, column) as unknown) ?? null);
  };
}

function compile(metadata: EntityMetadata, written: readonly ColumnMetadata[]): CompiledStatement {
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
  };
}
