import { QueryFailedError, type EntityMetadata, type ObjectLiteral, type Repository } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { BoundedClient } from './bounded-client.js';
import { ConnectionUnavailable } from './bounded-pool.js';
import { poolOf } from './data-source.js';
import type { Row, Statement } from './statement.js';

/** SQL that was built once, and how its answer becomes entities. */
export interface CompiledStatement extends Statement {
  readonly columns: readonly ColumnMetadata[];
}

type Reader = (value: unknown) => unknown;

/** Types that node-postgres gives and takes in the form in which TypeORM has them. */
const sameEverywhere = new Set(['uuid', 'text', 'varchar', 'integer', 'smallint', 'bigint', 'numeric', 'boolean']);
/** Types that node-postgres gives, but does not take, in that form. */
const readAsTheyAre = new Set([...sameEverywhere, 'jsonb', 'timestamptz']);

const readers = new WeakMap<CompiledStatement, readonly (Reader | undefined)[]>();

/**
 * Runs a statement: on the open transaction's connection when the repository belongs to one, else on any of the pool.
 * Rows come as arrays, which costs less than an object a row. Subscribers and @AfterLoad are not told.
 * @throws QueryFailedError as TypeORM does, or ConnectionUnavailable
 */
export async function execute<T extends ObjectLiteral>(
  repository: Repository<T>,
  statement: CompiledStatement,
  values: unknown[],
): Promise<Row[]> {
  try {
    const { queryRunner, dataSource } = repository.manager;
    dataSource.logger.logQuery(statement.text);
    if (queryRunner)
      return await poolOf(dataSource).runOn((await queryRunner.connect()) as BoundedClient, statement, values);
    const pool = poolOf(dataSource);
    if (statement.isRead) return await pool.read(statement, values);
    return await (statement.isInsert ? pool.insert(statement, values) : pool.run(statement, values));
  } catch (error) {
    // As TypeORM has it, so that SQLSTATEs are mapped and constraints recognised alike.
    if (error instanceof ConnectionUnavailable) throw error;
    throw new QueryFailedError(statement.text, values, error as Error);
  }
}

/** Whether statements are worded once; see FAST_PATHS_OFF. */
export function compilesStatements<T extends ObjectLiteral>(repository: Repository<T>): boolean {
  return poolOf(repository.manager.dataSource).compilesStatements;
}

/** Makes an entity of a row, property by property as the entity's columns say. */
export function entityOf<T extends ObjectLiteral>(metadata: EntityMetadata, statement: CompiledStatement, row: Row): T {
  const entity = new (metadata.target as new () => Record<string, unknown>)();
  fill(entity, metadata, statement, row);
  return entity as T;
}

/** Writes what came back into an entity that is already there. */
export function fill(
  entity: Record<string, unknown>,
  metadata: EntityMetadata,
  statement: CompiledStatement,
  row: Row,
): void {
  const read = readersOf(metadata, statement);
  const { columns } = statement;
  for (let index = 0; index < columns.length; index++) {
    const value = row[index];
    entity[columns[index]!.propertyName] = read[index]?.(value) ?? value;
  }
}

function readersOf(metadata: EntityMetadata, statement: CompiledStatement): readonly (Reader | undefined)[] {
  let known = readers.get(statement);
  if (!known) {
    const { driver } = metadata.connection;
    known = statement.columns.map((column) =>
      isReadAsItIs(column) ? undefined : (value: unknown) => driver.prepareHydratedValue(value, column) as unknown,
    );
    readers.set(statement, known);
  }
  return known;
}

function isReadAsItIs(column: ColumnMetadata): boolean {
  return !column.transformer && typeof column.type === 'string' && readAsTheyAre.has(column.type);
}

/** Whether the entity's property is what the driver is to be given, without TypeORM's look at all that a column may be. */
export function isWrittenAsItIs(column: ColumnMetadata): boolean {
  const isPlain = !column.transformer && !column.embeddedMetadata && !column.referencedColumn;
  return isPlain && typeof column.type === 'string' && sameEverywhere.has(column.type);
}
