import { columnSql } from '../model/columns.ts';
import { indexesOf, listScope, type IndexModel } from '../model/indexes.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { args, lines } from './text.ts';

/** migrations/<milliseconds>-create-<plural>.ts: the table and the way back. */
export function migrationTemplate(model: ModuleModel): string {
  const { names, timestamp } = model;
  const name = `Create${names.Classes}${timestamp}`;
  return migration(name, createTable(model), dropTable(model));
}

/** migrations/<milliseconds>-drop-<plural>.ts: the same the other way round. */
export function dropMigrationTemplate(model: ModuleModel, timestamp: number): string {
  return migration(`Drop${model.names.Classes}${timestamp}`, dropTable(model), createTable(model));
}

/** A migration of these statements. */
export function migration(name: string, up: string, down: string): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name} implements MigrationInterface {
  name = '${name}';

  async up(runner: QueryRunner): Promise<void> {
${up}
  }

  async down(runner: QueryRunner): Promise<void> {
${down}
  }
}`;
}

/** The statements that make the table; Items' own are compared with them. */
export function createTable(model: ModuleModel): string {
  const { names, stored, hasOwner } = model;
  const { table } = names;
  const indexes = indexesOf(model);
  const columns = [
    `id uuid NOT NULL CONSTRAINT ${table}_pkey PRIMARY KEY`,
    ...(hasOwner
      ? [`owner_id uuid NOT NULL CONSTRAINT ${table}_owner_id_fkey REFERENCES users (id) ON DELETE CASCADE`]
      : []),
    ...stored.map((field) => columnSql(field, table)),
    'version integer NOT NULL',
    'created_at timestamptz(3) NOT NULL DEFAULT now()',
    'updated_at timestamptz(3) NOT NULL DEFAULT now()',
    'deleted_at timestamptz(3)',
  ];
  return lines(
    `    await runner.query(\`
      CREATE TABLE ${table} (
        ${columns.join(',\n        ')}
      )\`);`,
    orderIndexes(model),
    ...indexes.filter((index) => !index.isOrder).map((index) => indexStatement(index, table)),
  );
}

/** One statement that creates an index. */
export function indexStatement({ name, columns, isUnique, isLive }: IndexModel, table: string): string {
  const sql = `CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX ${name} ON ${table} (${columns.join(', ')})`;
  return `await runner.query('${sql}${isLive ? ' WHERE deleted_at IS NULL' : ''}');`;
}

function orderIndexes(model: ModuleModel): string {
  const { table } = model.names;
  const columns = ['created_at', 'updated_at', ...model.sortable.map((field) => field.column)];
  const scope = listScope(model);
  return `    // One index for each order of the list, so that every page is found and not sorted.
    for (const column of [${columns.map((column) => `'${column}'`).join(', ')}]) {
      await runner.query(
        \`CREATE INDEX ${table}_${scope.infix}\${column}_idx ON ${table} (${args(scope.columns)}\${column}, id) WHERE deleted_at IS NULL\`,
      );
    }`;
}

function dropTable({ names }: ModuleModel): string {
  return `    await runner.query('DROP TABLE ${names.table}');`;
}
