import { DefinitionError, type FieldDefinition, type ModuleDefinition } from '../definition/definition.ts';
import { checkModule, longNames } from '../definition/check-module.ts';
import { checkParent } from '../definition/check-parent.ts';
import { namesOf } from '../definition/names.ts';
import type { Target } from '../model/field-model.ts';
import { moduleModel, type ModuleModel } from '../model/module-model.ts';
import { putInterface } from '../project/api-types.ts';
import { accessOf, addAccess, type Access } from '../project/access-lists.ts';
import { register, type Registration } from '../project/app-module.ts';
import { hashOf, manifestPath, writeManifest } from '../project/manifest.ts';
import type { KnownEntity, Project } from '../project/project.ts';
import { moduleFiles } from '../templates/all.ts';
import { apiTypeTemplate } from '../templates/api-types.template.ts';
import type { Change } from './change.ts';
import { formatted } from './format.ts';

export const appModulePath = 'src/app.module.ts';
export const accessPath = 'test/access-matrix.e2e-spec.ts';
export const apiTypesPath = 'test/support/api.ts';

/** Everything that new modules change. @throws DefinitionError and then nothing must be written */
export async function planModules(
  project: Project,
  definitions: readonly ModuleDefinition[],
  now: number,
): Promise<Change[]> {
  const models = modelsOf(project, definitions, now);
  const created = await Promise.all(models.map((model) => createdFiles(project, model)));
  const registrations = models.map(registrationOf);
  const appModule = registrations.reduce(register, project.read(appModulePath) ?? '');
  const apiTypes = models.map(apiTypeTemplate).reduce(putInterface, project.read(apiTypesPath) ?? '');
  const access = models.map(accessOfModel).reduce(addAccess, project.read(accessPath) ?? '');
  return [
    ...created.flat(),
    await edited(project, appModulePath, appModule),
    await edited(project, apiTypesPath, apiTypes),
    await edited(project, accessPath, access),
  ];
}

/** In the order in which their tables can be created. @throws DefinitionError */
export function modelsOf(project: Project, definitions: readonly ModuleDefinition[], now: number): ModuleModel[] {
  const newest = Math.max(now, ...project.migrations.map((file) => Number.parseInt(file, 10) + 1));
  const known = [...project.entities];
  const models: ModuleModel[] = [];
  for (const [index, definition] of inOrder(definitions).entries()) {
    checkModule(definition, known, project);
    const own = targetOf(definition);
    const model = moduleModel(definition, (field) => resolve(field, [...known, own]), newest + index);
    checkParent(model, known);
    longNames(model);
    known.push(own);
    models.push(model);
  }
  return models;
}

export function registrationOf({ names }: ModuleModel): Registration {
  return { className: `${names.Classes}Module`, from: `./modules/${names.files}/${names.files}.module.js` };
}

export function accessOfModel({ names, isPublic, isAdminOnly }: ModuleModel): Access {
  return accessOf(names.variables, { isPublic, isAdminOnly });
}

/** The files of a module and the record of them. */
export async function createdFiles(project: Project, model: ModuleModel): Promise<Change[]> {
  const files = await Promise.all(
    [...moduleFiles(model)].map(async ([path, text]) => [path, await formatted(project.root, path, text)] as const),
  );
  const manifest = writeManifest({
    definition: model.definition,
    timestamp: model.timestamp,
    files: Object.fromEntries(files.map(([path, text]) => [path, hashOf(text)])),
  });
  const record = manifestPath(model.names.files);
  return [...files, [record, await formatted(project.root, record, manifest)] as const].map(([path, after]) => ({
    path,
    before: null,
    after,
  }));
}

export async function edited(project: Project, path: string, text: string): Promise<Change> {
  return { path, before: project.read(path), after: await formatted(project.root, path, text) };
}

function targetOf({ name, hasOwner, isAdminOnly, parent }: ModuleDefinition): KnownEntity {
  const { Class, table, file, files } = namesOf(name);
  const entityFile = `${files}/${file}.entity.ts`;
  const isNested = parent !== undefined;
  return {
    Class,
    table,
    entityFile,
    factoryFile: `${file}.factory.ts`,
    hasOwner,
    isAdminOnly,
    isNested,
    hasFactory: true,
  };
}

export function resolve({ name, target }: FieldDefinition, known: readonly KnownEntity[]): Target | undefined {
  if (target === undefined) return undefined;
  const { table } = namesOf(target);
  const found = known.find((entity) => entity.table === table || entity.table === target);
  if (!found) {
    const tables = known.map((entity) => entity.table).sort();
    throw new DefinitionError(`${name}: there is no table ${target}; there are ${tables.join(', ')}`);
  }
  if (found.hasFactory) return found;
  const needed = `test/factories/${found.factoryFile} with create${found.Class}(app, owner)`;
  throw new DefinitionError(`${name}: the tests of a ref to ${target} need ${needed}; write it first`);
}

/** Those first that others point to. */
function inOrder(definitions: readonly ModuleDefinition[]): ModuleDefinition[] {
  const waiting = new Map(definitions.map((definition) => [namesOf(definition.name).table, definition]));
  if (waiting.size < definitions.length) throw new DefinitionError('a module is there twice');
  const ordered: ModuleDefinition[] = [];
  while (waiting.size > 0) {
    const next = [...waiting].find(([table, { fields, parent }]) =>
      [parent, ...fields.map(({ target }) => target)].every((target) => isReady(target, table)),
    );
    if (!next)
      throw new DefinitionError(`${[...waiting.keys()].join(' and ')}: the refs go round in a circle; leave one out`);
    waiting.delete(next[0]);
    ordered.push(next[1]);
  }
  return ordered;

  function isReady(target: string | undefined, table: string): boolean {
    if (target === undefined) return true;
    const wanted = namesOf(target).table;
    return wanted === table || !waiting.has(wanted);
  }
}
