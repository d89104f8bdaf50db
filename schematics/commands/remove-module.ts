import { parseArgs } from 'node:util';
import { DefinitionError } from '../definition/definition.ts';
import { namesOf } from '../definition/names.ts';
import { moduleModel } from '../model/module-model.ts';
import { applyChanges, type Change } from '../plan/change.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { formatted } from '../plan/format.ts';
import {
  accessOfModel,
  accessPath,
  apiTypesPath,
  appModulePath,
  edited,
  registrationOf,
  resolve,
} from '../plan/module-plan.ts';
import { dropAccess } from '../project/access-lists.ts';
import { dropInterface } from '../project/api-types.ts';
import { unregister } from '../project/app-module.ts';
import { hashOf, manifestPath, readManifest, type Manifest } from '../project/manifest.ts';
import { isMigrated } from '../project/migration-state.ts';
import { openProject, type Project } from '../project/project.ts';
import { dropMigrationTemplate } from '../templates/migration.template.ts';
import { summary } from './create-modules.ts';
import { parsed } from './parsed.ts';

const options = {
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  migrated: { type: 'boolean' },
  'not-migrated': { type: 'boolean' },
} as const;

/** Takes a generated module out. Its table goes by a new migration when it was made already. */
export async function removeModule(args: readonly string[], root: string): Promise<string> {
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const [name = '', ...rest] = positionals;
  if (name === '' || rest.length > 0) throw new DefinitionError('remove takes the name of one module');
  const project = openProject(root);
  const { files, table } = namesOf(name);
  const manifest = readManifest(project.read, files);
  if (!manifest) throw new DefinitionError(`${name}: was not generated, as there is no ${manifestPath(files)}`);
  refuseWhenPointedTo(project, table);
  if (!values.force) refuseChanged(project, manifest);
  const hasTable = values.migrated ?? (values['not-migrated'] ? false : await isMigrated(root, manifest, files));
  const changes = await removal(project, manifest, hasTable);
  if (values['dry-run']) return unifiedDiff(changes);
  applyChanges(root, changes);
  return summary(changes);
}

function refuseWhenPointedTo(project: Project, table: string): void {
  const others = project.entities.flatMap(({ entityFile }) => {
    const manifest = readManifest(project.read, entityFile.split('/')[0] ?? '');
    const names = manifest
      ? [manifest.definition.parent, ...manifest.definition.fields.map(({ target }) => target)]
      : [];
    const targets = names.map((target) => target && namesOf(target).table);
    return manifest && namesOf(manifest.definition.name).table !== table && targets.includes(table)
      ? [manifest.definition.name]
      : [];
  });
  if (others.length > 0) throw new DefinitionError(`${table}: ${others.join(' and ')} point to it; remove them first`);
}

function refuseChanged(project: Project, manifest: Manifest): void {
  const changed = Object.entries(manifest.files).filter(([path, hash]) => {
    const text = project.read(path);
    return text !== null && hashOf(text) !== hash;
  });
  if (changed.length === 0) return;
  const paths = changed.map(([path]) => path).join(', ');
  throw new DefinitionError(`Changed by hand: ${paths}; save what you need, then remove with --force`);
}

async function removal(project: Project, manifest: Manifest, hasTable: boolean): Promise<Change[]> {
  const known = project.entities;
  const model = moduleModel(manifest.definition, (field) => resolve(field, known), manifest.timestamp);
  const { files, Class } = model.names;
  const paths = [...Object.keys(manifest.files), manifestPath(files)];
  // What a database has run must stay known to it.
  const doomed = hasTable ? paths.filter((path) => !path.startsWith('src/database/migrations/')) : paths;
  const deleted = doomed
    .filter((path) => project.read(path) !== null)
    .map((path) => ({ path, before: project.read(path), after: null }));
  const appModule = unregister(project.read(appModulePath) ?? '', registrationOf(model));
  const apiTypes = dropInterface(project.read(apiTypesPath) ?? '', Class);
  const changes = [
    ...deleted,
    await edited(project, appModulePath, appModule),
    await edited(project, apiTypesPath, apiTypes),
    await edited(project, accessPath, dropAccess(project.read(accessPath) ?? '', accessOfModel(model))),
  ];
  if (!hasTable) return changes;
  const timestamp = Date.now();
  const path = `src/database/migrations/${timestamp}-drop-${files}.ts`;
  const after = await formatted(project.root, path, dropMigrationTemplate(model, timestamp));
  return [...changes, { path, before: null, after }];
}
