import type { EntityMetadata, ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { compilesStatements, entityOf, execute, type CompiledStatement } from './compiled-statement.js';

/** Adds conditions and order to a query; values are named (`:ownerId`) and given at each call. */
export type BuildQuery<T extends ObjectLiteral> = (query: SelectQueryBuilder<T>, alias: string) => unknown;

type Values = Readonly<Record<string, unknown>>;

interface CompiledSelect extends CompiledStatement {
  /** The names of the values, in the order of $1, $2, ... */
  readonly names: readonly string[];
}

/** Stands for a value while the statement is built, so that its place among the parameters is learned. */
class Placeholder {
  constructor(readonly name: string) {}
}

const statements = new WeakMap<EntityMetadata, Map<string, CompiledSelect>>();

/**
 * Entities by a query that TypeORM's query builder words once for each `shape`; later calls only bind values. Building
 * costs more than the rest of a small query together.
 * @param shape names this query among those of the entity; whatever changes the text of the query must be part of it
 * @param limit the most rows to return
 */
export async function selectMany<T extends ObjectLiteral>(
  repository: Repository<T>,
  shape: string,
  build: BuildQuery<T>,
  values: Values,
  limit: number,
): Promise<T[]> {
  const { metadata } = repository;
  if (!compilesStatements(repository)) return builderOf(repository, build).setParameters(values).limit(limit).getMany();
  const statement = compiled(repository, shape, build, values);
  const bound: unknown[] = statement.names.map((name) => values[name]);
  bound.push(limit);
  const rows = await execute(repository, statement, bound);
  return rows.map((row) => entityOf<T>(metadata, statement, row));
}

/** The one entity that matches, or null. See selectMany. */
export async function selectOne<T extends ObjectLiteral>(
  repository: Repository<T>,
  shape: string,
  build: BuildQuery<T>,
  values: Values,
): Promise<T | null> {
  const [entity] = await selectMany(repository, shape, build, values, 1);
  return entity ?? null;
}

function compiled<T extends ObjectLiteral>(
  repository: Repository<T>,
  shape: string,
  build: BuildQuery<T>,
  values: Values,
): CompiledSelect {
  const { metadata } = repository;
  let known = statements.get(metadata);
  if (!known) statements.set(metadata, (known = new Map<string, CompiledSelect>()));
  let statement = known.get(shape);
  if (!statement) known.set(shape, (statement = compile(repository, build, values)));
  return statement;
}

function compile<T extends ObjectLiteral>(
  repository: Repository<T>,
  build: BuildQuery<T>,
  values: Values,
): CompiledSelect {
  const query = builderOf(repository, build);
  const placeholders = Object.keys(values).map((name) => [name, new Placeholder(name)] as const);
  const [text, parameters] = query.setParameters(Object.fromEntries(placeholders)).getQueryAndParameters() as [
    string,
    unknown[],
  ];
  return {
    text: `${text} LIMIT $${parameters.length + 1}`,
    columns: selectedColumns(query),
    isRead: true,
    names: parameters.map((parameter) => {
      if (parameter instanceof Placeholder) return parameter.name;
      throw new Error(`A query of ${query.alias} holds a value instead of a name`);
    }),
  };
}

function builderOf<T extends ObjectLiteral>(repository: Repository<T>, build: BuildQuery<T>): SelectQueryBuilder<T> {
  const alias = repository.metadata.tableName;
  const query = repository.createQueryBuilder(alias);
  build(query, alias);
  return query;
}

/** Those that the query names, in the order in which TypeORM writes them, or all. */
function selectedColumns<T extends ObjectLiteral>(query: SelectQueryBuilder<T>): ColumnMetadata[] {
  const { selects, mainAlias } = query.expressionMap;
  const named = new Set(selects.map(({ selection }) => selection));
  const columns = mainAlias?.metadata.columns ?? [];
  return columns.filter(
    (column) => (named.has(query.alias) && column.isSelect) || named.has(`${query.alias}.${column.propertyPath}`),
  );
}
