import { indexesOf } from '../model/indexes.ts';
import type { ModuleModel } from '../model/module-model.ts';
import type { KnownEntity, Project } from '../project/project.ts';
import { DefinitionError, type ModuleDefinition } from './definition.ts';
import { namesOf } from './names.ts';
import { sqlWords, takenClasses, typescriptWords } from './reserved-words.ts';

/** PostgreSQL cuts longer names off. */
const maxNameBytes = 63;

/** @throws DefinitionError for a name or options that can't be */
export function checkModule(definition: ModuleDefinition, known: readonly KnownEntity[], project: Project): void {
  const fault = nameFault(definition) ?? existingFault(definition, known, project);
  if (fault !== undefined) throw new DefinitionError(`${definition.name}: ${fault}`);
  if (definition.fields.length === 0)
    throw new DefinitionError(`${definition.name}: a module needs a field, such as title:string`);
}

function nameFault({ name }: ModuleDefinition): string | undefined {
  if (!/^[a-zA-Z][a-zA-Z0-9]*([-_][a-zA-Z0-9]+)*$/.test(name) || /[A-Z]{2}/.test(name)) {
    return 'a module is named by letters and digits, words apart as in order-lines or orderLines';
  }
  const { table, Class, Classes, variable, variables } = namesOf(name);
  const reserved = [variable, variables].find((word) => typescriptWords.has(word.toLowerCase()));
  if (reserved !== undefined) return `"${reserved}" is a reserved word of TypeScript; choose another name`;
  if (sqlWords.has(table)) return `"${table}" is a reserved word of SQL; choose another name`;
  const taken = [Class, Classes].find((word) => takenClasses.has(word));
  return taken === undefined ? undefined : `the code needs the name ${taken} for itself; choose another`;
}

function existingFault(
  { name }: ModuleDefinition,
  known: readonly KnownEntity[],
  project: Project,
): string | undefined {
  const { Class, table, files, file } = namesOf(name);
  const same = known.find((entity) => entity.Class === Class || entity.table === table);
  if (same) return `there is already ${same.Class} in src/modules/${same.entityFile}`;
  const paths = [
    `src/modules/${files}/${files}.module.ts`,
    `test/${files}.e2e-spec.ts`,
    `test/factories/${file}.factory.ts`,
    `docs/modules/${files}.md`,
  ];
  const path = paths.find((candidate) => project.read(candidate) !== null);
  if (path !== undefined) return `there is already ${path}`;
  return new RegExp(String.raw`interface ${Class}\b`).test(project.read('test/support/api.ts') ?? '')
    ? `there is already an interface ${Class} in test/support/api.ts`
    : undefined;
}

/** @throws DefinitionError for names of constraints and indexes that PostgreSQL would cut off */
export function longNames(model: ModuleModel): void {
  const { table } = model.names;
  const names = [
    table,
    ...indexesOf(model).map((index) => index.name),
    ...model.stored.flatMap(({ column, target }) => [column, `${table}_${column}_${target ? 'fkey' : 'check'}`]),
  ];
  const long = names.find((name) => name.length > maxNameBytes);
  if (long === undefined) return;
  throw new DefinitionError(
    `${model.definition.name}: ${long} is longer than the ${maxNameBytes} bytes of a name; choose shorter ones`,
  );
}
