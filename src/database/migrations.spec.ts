import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const folder = join(import.meta.dirname, 'migrations');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** What a migration runs on its way up. */
async function statementsOf(file: string): Promise<string[]> {
  const module = (await import(join(folder, file))) as Record<string, new () => MigrationInterface>;
  const statements: string[] = [];
  const runner = { query: (sql: string) => Promise.resolve(statements.push(sql)) } as unknown as QueryRunner;
  for (const Migration of Object.values(module)) await new Migration().up(runner);
  return statements;
}

/**
 * What the release before could not live with, which serves while this migration runs and after it (a rolling update). A table
 * may be dropped by a migration of its own, which is run when no release that uses the table is left.
 */
function faultsOf(statements: readonly string[]): string[] {
  const created = new Set(statements.map((sql) => /CREATE TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(sql)?.[1]));
  return statements.filter((sql) => {
    const table = /\b(?:ALTER|DROP) TABLE (?:IF EXISTS )?(?:ONLY )?(\w+)/i.exec(sql)?.[1];
    if (table === undefined || created.has(table)) return false;
    const removes = /\bDROP COLUMN\b|\bRENAME\b/i.test(sql) || (/\bDROP TABLE\b/i.test(sql) && statements.length > 1);
    const narrows = /\bALTER (COLUMN )?\w+ (SET NOT NULL|(SET DATA )?TYPE)\b/i.test(sql);
    const demands =
      /\bADD (COLUMN )?(?!CONSTRAINT\b).*\bNOT NULL\b/is.test(sql) && !/\b(DEFAULT|GENERATED)\b/i.test(sql);
    return removes || narrows || demands;
  });
}

describe('R16: a migration', () => {
  it.each(files)('leaves what the release before needs: %s', async (file) => {
    expect(faultsOf(await statementsOf(file))).toEqual([]);
  });

  it.each([
    ['ALTER TABLE items DROP COLUMN title', 1],
    ['DROP TABLE items', 0],
    ['ALTER TABLE items RENAME COLUMN title TO name', 1],
    ['ALTER TABLE items ALTER COLUMN title SET NOT NULL', 1],
    ['ALTER TABLE items ALTER title TYPE varchar(10)', 1],
    ['ALTER TABLE items ADD COLUMN color text NOT NULL', 1],
    [`ALTER TABLE items ADD COLUMN color text NOT NULL DEFAULT 'red'`, 0],
    ['ALTER TABLE items ADD COLUMN color text', 0],
    ['CREATE INDEX items_title_idx ON items (title)', 0],
  ])('is looked through: %s', (sql, count) => {
    expect(faultsOf([sql])).toHaveLength(count);
    expect(faultsOf(['CREATE TABLE items (id uuid NOT NULL)', sql])).toEqual([]);
  });

  it('drops no table beside other changes', () => {
    expect(faultsOf(['ALTER TABLE users ADD COLUMN color text', 'DROP TABLE items'])).toEqual(['DROP TABLE items']);
  });
});
