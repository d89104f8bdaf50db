import { readFileSync } from 'node:fs';
import { definitionsOf } from '../definition/from-yaml.ts';
import { moduleModel } from '../model/module-model.ts';
import { formatted } from '../plan/format.ts';
import { moduleFiles } from './all.ts';
import { apiTypeTemplate } from './api-types.template.ts';
import { createTable } from './migration.template.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const root = process.cwd();

describe('the templates, told to write Items', () => {
  const [definition] = definitionsOf(read('schematics/fixtures/items.yaml'));
  const model = moduleModel(definition!, () => undefined, 1764000000000);
  const files = moduleFiles(model);

  it.each([
    'src/modules/items/items.module.ts',
    'src/modules/items/items.controller.ts',
    'src/modules/items/items.service.ts',
    'src/modules/items/items.repository.ts',
    'src/modules/items/item.entity.ts',
    'src/modules/items/items.dto.ts',
    'test/factories/item.factory.ts',
  ])('write %s as it is', async (path) => {
    expect(await formatted(root, path, files.get(path) ?? '')).toBe(read(path));
  });

  it('write its table as the migration does', () => {
    expect(read('src/database/migrations/1764000000000-create-users-items-audit.ts')).toContain(createTable(model));
  });

  it('write the body that clients rely on', () => {
    expect(read('test/support/api.ts')).toContain(apiTypeTemplate(model));
  });
});
