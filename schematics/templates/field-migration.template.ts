import { columnSql } from '../model/columns.ts';
import { indexesOf } from '../model/indexes.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { indexStatement, migration } from './migration.template.ts';

/** migrations/<milliseconds>-add-<fields>-to-<plural>.ts: the new columns with their indexes, and the way back. */
export function fieldMigrationTemplate(before: ModuleModel, after: ModuleModel, timestamp: number): string {
  const { names } = after;
  const added = after.fields.slice(before.fields.length);
  const known = new Set(indexesOf(before).map((index) => index.name));
  const indexes = indexesOf(after).filter((index) => !known.has(index.name));
  const up = [
    ...added.map(
      (field) => `await runner.query(\`ALTER TABLE ${names.table} ADD COLUMN ${columnSql(field, names.table)}\`);`,
    ),
    ...indexes.map((index) => indexStatement(index, names.table)),
  ];
  // Their indexes and constraints go with them.
  const down = added
    .map((field) => `await runner.query('ALTER TABLE ${names.table} DROP COLUMN ${field.column}');`)
    .reverse();
  const words = added.map((field) => field.property.charAt(0).toUpperCase() + field.property.slice(1)).join('');
  return migration(`Add${words}To${names.Classes}${timestamp}`, up.join('\n'), down.join('\n'));
}
