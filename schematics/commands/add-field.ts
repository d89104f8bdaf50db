import { parseArgs } from 'node:util';
import { DefinitionError, type FieldDefinition } from '../definition/definition.ts';
import { longNames } from '../definition/check-module.ts';
import { namesOf } from '../definition/names.ts';
import { parseField } from '../definition/parse-field.ts';
import { moduleModel, type ModuleModel } from '../model/module-model.ts';
import { applyChanges, type Change } from '../plan/change.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { formatted } from '../plan/format.ts';
import { merged } from '../plan/merge.ts';
import { apiTypesPath, edited, resolve } from '../plan/module-plan.ts';
import { putInterface } from '../project/api-types.ts';
import { hashOf, manifestPath, readManifest, writeManifest, type Manifest } from '../project/manifest.ts';
import { openProject, type Project } from '../project/project.ts';
import { migrationPath, moduleFiles } from '../templates/all.ts';
import { apiTypeTemplate } from '../templates/api-types.template.ts';
import { fieldMigrationTemplate } from '../templates/field-migration.template.ts';
import { summary } from './create-modules.ts';
import { parsed } from './parsed.ts';

/** Adds fields to a generated module: what is generated anew is merged with what was changed by hand. */
export async function addField(args: readonly string[], root: string): Promise<string> {
  const options = { 'dry-run': { type: 'boolean' } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const [name = '', ...texts] = positionals;
  if (name === '' || texts.length === 0)
    throw new DefinitionError('field takes a module and fields: field NAME field:type ...');
  const project = openProject(root);
  const manifest = readManifest(project.read, namesOf(name).files);
  if (!manifest)
    throw new DefinitionError(`${name}: was not generated, as there is no ${manifestPath(namesOf(name).files)}`);
  const changes = await planFields(project, manifest, texts.map(parseField), Date.now());
  if (values['dry-run']) return unifiedDiff(changes);
  applyChanges(root, changes);
  return `${summary(changes)}\nNext: npm run migrate, npm test`;
}

async function planFields(
  project: Project,
  manifest: Manifest,
  added: readonly FieldDefinition[],
  now: number,
): Promise<Change[]> {
  const { definition, timestamp } = manifest;
  const model = (fields: readonly FieldDefinition[]): ModuleModel =>
    moduleModel({ ...definition, fields }, (field) => resolve(field, project.entities), timestamp);
  const before = model(definition.fields);
  const after = model([...definition.fields, ...added]);
  longNames(after);
  refuseRequired(after.fields.slice(before.fields.length));

  const migrations = new Set([migrationPath(before)]);
  const old = moduleFiles(before);
  const files = [...moduleFiles(after)].filter(([path]) => !migrations.has(path));
  const edits = await Promise.all(
    files.map(([path, text]) => edit(project, manifest, path, old.get(path) ?? '', text)),
  );

  const newest = Math.max(now, ...project.migrations.map((file) => Number.parseInt(file, 10) + 1));
  const path = `src/database/migrations/${newest}-add-${added.map((field) => namesOf(field.name).file).join('-')}-to-${after.names.files}.ts`;
  const migration = await formatted(project.root, path, fieldMigrationTemplate(before, after, newest));
  const apiTypes = await edited(
    project,
    apiTypesPath,
    putInterface(project.read(apiTypesPath) ?? '', apiTypeTemplate(after)),
  );
  const hashes = Object.fromEntries(edits.map(({ path: file, generated }) => [file, hashOf(generated)]));
  const recordPath = manifestPath(after.names.files);
  const manifestText = writeManifest({
    definition: after.definition,
    timestamp,
    files: { ...manifest.files, ...hashes, [path]: hashOf(migration) },
  });
  return [
    ...edits.map(({ path: file, before: text, after: next }) => ({ path: file, before: text, after: next })),
    { path, before: null, after: migration },
    apiTypes,
    {
      path: recordPath,
      before: project.read(recordPath),
      after: await formatted(project.root, recordPath, manifestText),
    },
  ];
}

/** Rows that are there already need a value. */
function refuseRequired(added: ModuleModel['fields']): void {
  const required = added.find((field) => !field.isOptionalInput);
  if (!required) return;
  const { name } = required;
  throw new DefinitionError(
    `${name}: rows that are there already have no value for it; make it optional (?) or give a default`,
  );
}

interface Edit extends Change {
  /** What is written when nobody changed the file by hand. */
  readonly generated: string;
}

async function edit(
  project: Project,
  manifest: Manifest,
  path: string,
  oldText: string,
  newText: string,
): Promise<Edit> {
  const [base, generated] = await Promise.all([
    formatted(project.root, path, oldText),
    formatted(project.root, path, newText),
  ]);
  const before = project.read(path);
  if (before === null) throw new DefinitionError(`${path}: is gone; write it again, or add the field by hand`);
  if (before === base) return { path, before, after: generated, generated };
  if (hashOf(base) !== manifest.files[path] && base !== generated) {
    throw new DefinitionError(
      `${path}: the templates have changed since it was generated; add the field there by hand`,
    );
  }
  const after = merged(before, base, generated);
  if (after !== undefined) return { path, before, after, generated };
  const hunk = unifiedDiff([{ path, before: base, after: generated }]);
  throw new DefinitionError(
    `${path}: was changed by hand where the field belongs; nothing was written. Do this by hand:\n${hunk}`,
  );
}
