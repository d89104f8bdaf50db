import type { FieldModel } from '../model/field-model.ts';
import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { routePath } from './controller.template.ts';
import { one } from './dto.template.ts';
import { importedFrom, lines } from './text.ts';

/** test/factories/<singular>.factory.ts */
export function factoryTemplate(model: ModuleModel): string {
  const { names, parent, isAdminOnly } = model;
  const { Class, files } = names;
  const path = parent
    ? `path ?? (await ${parentPathName(model)}(app, ${isAdminOnly ? 'admin' : 'owner'}))`
    : `'/api/v1/${files}'`;
  const required = requiredFields(model);
  const counted = countedFields(model);
  const isAsync = needsApp(model);
  const caller = isAdminOnly ? 'admin' : 'owner';
  const body = required.map((field) => `${field.property}: ${valueOf(field, counted, caller)}`).join(', ');
  const call = isAsync
    ? `await new${Class}(app, ${needsCaller(model) ? `${caller}, ` : ''}overrides)`
    : `new${Class}(overrides)`;
  const parameters = [
    ...(isAsync ? ['app: TestApp'] : []),
    ...(needsCaller(model) ? [`${caller}: { readonly token: string }`] : []),
    'overrides: Record<string, unknown> = {}',
  ].join(', ');
  const all = `{ ${body}${body === '' ? '' : ', '}...overrides }`;
  const usesUuid = counted.some((field) => field.type === 'uuid');
  return lines(
    usesUuid && `import { v7 as uuidv7 } from 'uuid';`,
    `import type { ${Class} } from '../support/api.js';
import type { TestApp } from '../support/app.js';`,
    importedFrom(factoriesOf(model)),
    counted.some((field) => field.type !== 'uuid') && '\nlet count = 0;',
    `
/** The body of a valid creation. */
export ${isAsync ? 'async ' : ''}function new${Class}(${parameters}): ${isAsync ? 'Promise<Record<string, unknown>>' : 'Record<string, unknown>'} {
  return ${all};
}

/** ${one(names, true)} that ${isAdminOnly ? 'an administrator' : 'its owner'} has created through the API. */
export async function create${Class}(
  app: TestApp,
  ${caller}: { readonly token: string },
  overrides: Record<string, unknown> = {},${parent ? '\n  path?: string,' : ''}
): Promise<${Class}> {
  const { status, body, text } = await app.client.as(${caller}).post<${Class}>(${path}, ${call});
  if (status !== 201) throw new Error(\`The ${names.singular} was not created: \${text}\`);
  return body;
}`,
    parentPath(model, caller),
  );
}

/** The function of the factory that makes a parent and tells where its rows are. */
export function parentPathName({ names }: ModuleModel): string {
  return `${names.variables}Path`;
}

function parentPath(model: ModuleModel, caller: string): string | undefined {
  const { names, parent } = model;
  if (!parent) return undefined;
  const id = `\${${valueOf(parent.field, [], caller)}}`;
  return `
/** Where the ${names.plural} of a new ${parent.names.singular} are. */
export async function ${parentPathName(model)}(app: TestApp, ${caller}: { readonly token: string }): Promise<string> {
  return \`/${routePath(model).replace(/:\w+/, () => id)}\`;
}`;
}

function factoriesOf(model: ModuleModel): (readonly [name: string, from: string])[] {
  const targets = [...(model.parent ? [model.parent.field] : []), ...refsToMake(model)].map(({ target }) => target);
  return [
    ...targets.map(({ Class, factoryFile }) => [`create${Class}`, `./${factoryFile.replace(/\.ts$/, '.js')}`] as const),
    ...(targets.some((target) => target.isAdminOnly) ? [['signedInAdmin', './user.factory.js'] as const] : []),
  ];
}

/** The call that makes a body in a spec, where ada is signed in. */
export function newBody(model: ModuleModel): string {
  const { Class } = model.names;
  if (!needsApp(model)) return `new${Class}()`;
  return `await new${Class}(app${needsCaller(model) ? ', ada' : ''})`;
}

/** Some of those rows must belong to the caller. */
function needsCaller(model: ModuleModel): boolean {
  return refsToMake(model).some(({ target }) => target.table !== 'users' && !target.isAdminOnly);
}

/** Making a body needs other rows first. */
function needsApp(model: ModuleModel): boolean {
  return refsToMake(model).length > 0;
}

export function requiredFields({ fields }: ModuleModel): FieldModel[] {
  return fields.filter((field) => !field.isOptionalInput);
}

function refsToMake(model: ModuleModel) {
  return model.refs.filter((field) => !field.isOptionalInput);
}

/** Those that differ from one body to the next: what is unique, else the first text. */
function countedFields(model: ModuleModel): FieldModel[] {
  const required = requiredFields(model);
  const unique = required.filter((field) => field.unique && field.type !== 'ref' && field.type !== 'enum');
  const first = required.find((field) => field.type === 'string' && Number(field.max ?? 200) >= 20);
  return unique.length > 0 ? unique : first ? [first] : [];
}

function valueOf(field: FieldModel, counted: readonly FieldModel[], caller: string): string {
  const { type, target } = field;
  if (target) {
    if (target.table === 'users') return `(await create${target.Class}(app)).id`;
    return `(await create${target.Class}(app, ${target.isAdminOnly ? 'await signedInAdmin(app)' : caller})).id`;
  }
  const sample = sampleLiteral(field);
  if (!counted.includes(field)) return sample;
  switch (type) {
    case 'integer':
      return `${sample} + ++count`;
    case 'bigint':
      return `String(${sample.replaceAll("'", '')} + ++count)`;
    case 'decimal':
      return `(Number(${sample}) + ++count).toFixed(${field.scale})`;
    case 'uuid':
      return 'uuidv7()';
    case 'date':
      return 'new Date(Date.UTC(2026, 0, ++count)).toISOString().slice(0, 10)';
    case 'datetime':
      return 'new Date(Date.UTC(2026, 0, ++count)).toISOString()';
    default:
      return `\`${sample.slice(1, -1)}${Number(field.max ?? 200) >= 20 ? ' ' : ''}\${++count}\``;
  }
}
