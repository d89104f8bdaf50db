import type { ModuleModel } from '../model/module-model.ts';
import { article } from '../definition/names.ts';
import { isParentOwned, type Parent } from '../model/parent.ts';
import { args, importedFrom, lines, parameters } from './text.ts';

/** plural.repository.ts: each query has a name. */
export function repositoryTemplate(model: ModuleModel): string {
  const { names, refs, stored, writeScope, readScope } = model;
  const { Class, Classes, file, files } = names;
  const scope = parameters(writeScope);
  const others = stored.flatMap(({ target }) => (target && target.table !== names.table ? [target] : []));
  return lines(
    `import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, Not, Repository, type SelectQueryBuilder } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
import type { VersionMatch } from '../../common/http/etag.js';
import { selectOne } from '../../database/compiled-select.js';
import { ${conditionHelpers(model).join(', ')} } from '../../database/conditions.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { updateReturning } from '../../database/update-returning.js';`,
    importedFrom(
      others.map(({ Class: other, entityFile }) => [other, `../${entityFile.replace(/\.ts$/, '.js')}`] as const),
    ),
    `import { ${Class} } from './${file}.entity.js';
import type { ${Classes}Query } from './${files}.dto.js';`,
    refs.length > 0 &&
      `\ntype ${Class}References = Partial<Pick<${Class}, ${refs.map(({ property }) => `'${property}'`).join(' | ')}>>;`,
    `
@Injectable()
export class ${Classes}Repository extends Repository<${Class}> {
  constructor(
    dataSource: DataSource,
    private readonly codec: CursorCodec,
  ) {
    super(${Class}, dataSource.createEntityManager());
  }
`,
    finder(model),
    `
  page(${parameters(readScope)}query: ${Classes}Query): Promise<KeysetPage<${Class}>> {
    return keysetPage(this, { ...filterBy(${filterArguments(model)}), query, codec: this.codec });
  }
`,
    parentCheck(model),
    references(model),
    `  /** Changes a live ${names.singular} if its version matches, in one statement. @returns null when nothing matched */
  change(${scope}id: string, match: VersionMatch, changes: Partial<${Class}>): Promise<${Class} | null> {
    return updateReturning(this, { id, ${args(writeScope)}deletedAt: IsNull(), ...versionIn(match) }, ${changesOf(model)});
  }

  /** @returns null when there is no such deleted ${names.singular} */
  undelete(${scope}id: string): Promise<${Class} | null> {
    return updateReturning(this, { id, ${args(writeScope)}deletedAt: Not(IsNull()) }, { deletedAt: null });
  }
}
`,
    filterBy(model),
  );
}

/** The name of the finder tells whether it looks at one owner's rows. */
export function finderName({ isReadOwned }: ModuleModel): string {
  return isReadOwned ? 'findOwned' : 'findById';
}

function finder(model: ModuleModel): string {
  const { names, readScope, isReadOwned } = model;
  const { Class, variable } = names;
  // The id first: it finds the row, the rest only checks it.
  const conditions = ['id', ...readScope.toReversed()].map((name) => `\${${variable}}.${name} = :${name}`);
  return `  ${finderName(model)}(${parameters(readScope)}id: string): Promise<${Class} | null> {
    return selectOne(this, '${isReadOwned ? 'owned' : 'one'}', (query, ${variable}) => query.where(\`${conditions.join(' AND ')}\`), { ${['id', ...readScope].join(', ')} });
  }`;
}

/** The keys of the query that narrow the list down. */
function filterKeys({ filters, searchable }: ModuleModel): string[] {
  return [...(searchable.length > 0 ? ['q'] : []), ...filters.map((filter) => filter.name)];
}

/** What the repository takes from src/database/conditions.ts. */
function conditionHelpers(model: ModuleModel): string[] {
  const hasConditions = filterKeys(model).length > 0 || model.readScope.length > 0;
  return [...(model.searchable.length > 0 ? ['patternOf'] : []), ...(hasConditions ? ['present'] : []), 'versionIn'];
}

/** What is handed to filterBy. */
function filterArguments(model: ModuleModel): string {
  return [...model.readScope, ...(filterKeys(model).length > 0 ? ['query'] : [])].join(', ');
}

function filterBy(model: ModuleModel): string {
  const { names, filters, searchable, readScope } = model;
  const { Class, variable } = names;
  const keys = filterKeys(model);
  if (keys.length === 0 && readScope.length === 0) {
    return `/** The list has no conditions. */
function filterBy() {
  return { values: {}, shape: '', build: (_query: SelectQueryBuilder<${Class}>, _alias: string) => undefined };
}`;
  }
  const taken = [
    ...readScope.map((name) => `${name}: string`),
    ...(keys.length > 0 ? [`{ ${keys.join(', ')} }: ${names.Classes}Query`] : []),
  ].join(', ');
  const hasSearch = searchable.length > 0;
  const values = [...readScope, ...filters.map((filter) => filter.name), ...(hasSearch ? ['pattern'] : [])];
  const given = values.map((name) => (name === 'pattern' ? 'pattern: patternOf(q)' : name));
  const condition = (name: string, text: string) => `  ${name}: (${variable}: string) => \`${text}\`,`;
  const columns = searchable.map(
    (field) => `\${${variable}}.${field.property}${field.sortable ? ' COLLATE "default"' : ''}`,
  );
  const found = columns.map((column) => `${column} ILIKE :pattern`).join(' OR ');
  const folded = searchable.filter((field) => field.sortable).map((field) => field.name);
  return lines(
    '/** The conditions of a list. Only those that are asked for become part of the query, so that the index can serve it. */',
    `function filterBy(${taken}) {`,
    `  const values = present({ ${given.join(', ')} });
  const names = Object.keys(values);
  return {
    values,
    shape: names.join(),
    build: (query: SelectQueryBuilder<${Class}>, ${variable}: string) => {
      for (const name of names) query.andWhere(conditions[name as keyof typeof conditions](${variable}));
    },
  };
}

const conditions = {`,
    ...readScope.map((name) => condition(name, `\${${variable}}.${name} = :${name}`)),
    ...filters.map((filter) =>
      condition(
        filter.name,
        filter.condition.replace('@', () => `\${${variable}}.${filter.field.property}`),
      ),
    ),
    hasSearch &&
      folded.length > 0 &&
      `  // The ${folded.join(' and the ')} sort${folded.length > 1 ? '' : 's'} by code point, but case is folded by the language of the database.`,
    hasSearch && condition('pattern', columns.length > 1 ? `(${found})` : found),
    '};',
  );
}

/** The name of the method that looks for the parent. */
export function parentFinderName(parent: Parent): string {
  return `has${parent.names.Class}`;
}

function parentCheck(model: ModuleModel): string | undefined {
  const { parent } = model;
  if (!parent) return undefined;
  const { property, target } = parent.field;
  const isOwned = isParentOwned(model);
  return `  /** Whether there is such ${article(parent.names.singular)} ${parent.names.singular}${isOwned ? " of this owner: another user's must look the same as none" : ''}. */
  ${parentFinderName(parent)}(${isOwned ? 'ownerId: string, ' : ''}${property}: string): Promise<boolean> {
    return this.manager.existsBy(${target.Class}, { id: ${property}${isOwned ? ', ownerId' : ''} });
  }
`;
}

function references({ names, refs, hasOwner }: ModuleModel): string | undefined {
  if (refs.length === 0) return undefined;
  const needsOwner = hasOwner && refs.some(({ target }) => target.hasOwner);
  const checks = refs.map(({ property, target }) => {
    const where = needsOwner && target.hasOwner ? `{ id: ${property}, ownerId }` : `{ id: ${property} }`;
    return `      ${property}: ${property} == null || (await this.manager.existsBy(${target.Class}, ${where})),`;
  });
  const owner = needsOwner ? 'ownerId: string, ' : '';
  return `  /** @returns the references that lead nowhere${owner ? ", or to another user's: they must look the same" : ''} */
  async brokenReferences(${owner}{ ${refs.map(({ property }) => property).join(', ')} }: ${names.Class}References): Promise<string[]> {
    const isSound = {
${checks.join('\n')}
    };
    return Object.entries(isSound).flatMap(([field, isFound]) => (isFound ? [] : [field]));
  }
`;
}

/** TypeORM's type of changes knows no free-form JSON. */
function changesOf({ fields, names }: ModuleModel): string {
  const hasJson = fields.some((field) => field.type === 'json');
  return hasJson ? `changes as Parameters<typeof updateReturning<${names.Class}>>[2]` : 'changes';
}
