import type { ModuleModel } from '../model/module-model.ts';
import { importedFrom, lines } from './text.ts';

/** plural.repository.ts: each query has a name. */
export function repositoryTemplate(model: ModuleModel): string {
  const { names, hasOwner, isReadOwned, refs } = model;
  const { Class, Classes, file, files } = names;
  const owner = hasOwner ? 'ownerId: string, ' : '';
  const reader = isReadOwned ? 'ownerId: string, ' : '';
  const ownerIn = hasOwner ? 'ownerId, ' : '';
  const others = refs.filter(({ target }) => target.table !== names.table);
  return lines(
    `import { Injectable } from '@nestjs/common';
import { DataSource, In, IsNull, Not, Repository, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
import type { VersionMatch } from '../../common/http/etag.js';
import { selectOne } from '../../database/compiled-select.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { updateReturning } from '../../database/update-returning.js';`,
    importedFrom(
      others.map(({ target }) => [target.Class, `../${target.entityFile.replace(/\.ts$/, '.js')}`] as const),
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
  page(${reader}query: ${Classes}Query): Promise<KeysetPage<${Class}>> {
    return keysetPage(this, { ...filterBy(${filterArguments(model)}), query, codec: this.codec });
  }
`,
    references(model),
    `  /** Changes a live ${names.singular} if its version matches, in one statement. @returns null when nothing matched */
  change(${owner}id: string, match: VersionMatch, changes: Partial<${Class}>): Promise<${Class} | null> {
    return updateReturning(this, { id, ${ownerIn}deletedAt: IsNull(), ...versionIn(match) }, ${changesOf(model)});
  }

  /** @returns null when there is no such deleted ${names.singular} */
  undelete(${owner}id: string): Promise<${Class} | null> {
    return updateReturning(this, { id, ${ownerIn}deletedAt: Not(IsNull()) }, { deletedAt: null });
  }
}
`,
    filterBy(model),
    `
function versionIn(match: VersionMatch): FindOptionsWhere<${Class}> {
  return match === 'any' ? {} : { version: In(match) };
}`,
    model.searchable.length > 0 &&
      `
/** %, _ and \\ are themselves in a search. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\\\%_]/g, (sign) => \`\\\\\${sign}\`);
}`,
  );
}

/** The name of the finder tells whether it looks at one owner's rows. */
export function finderName({ isReadOwned }: ModuleModel): string {
  return isReadOwned ? 'findOwned' : 'findById';
}
function finder(model: ModuleModel): string {
  const { Class, variable } = model.names;
  const [parameters, shape, condition, values] = model.isReadOwned
    ? ['ownerId: string, id: string', 'owned', ` AND \${${variable}}.ownerId = :ownerId`, 'id, ownerId']
    : ['id: string', 'one', '', 'id'];
  return `  ${finderName(model)}(${parameters}): Promise<${Class} | null> {
    return selectOne(this, '${shape}', (query, ${variable}) => query.where(\`\${${variable}}.id = :id${condition}\`), { ${values} });
  }`;
}

/** The keys of the query that narrow the list down. */
function filterKeys({ filters, searchable }: ModuleModel): string[] {
  return [...(searchable.length > 0 ? ['q'] : []), ...filters.map((filter) => filter.name)];
}

/** What is handed to filterBy. */
function filterArguments(model: ModuleModel): string {
  return [...(model.isReadOwned ? ['ownerId'] : []), ...(filterKeys(model).length > 0 ? ['query'] : [])].join(', ');
}

function filterBy(model: ModuleModel): string {
  const { names, filters, searchable, isReadOwned } = model;
  const { Class, variable } = names;
  const keys = filterKeys(model);
  if (keys.length === 0 && !isReadOwned) {
    return `/** The list has no conditions. */
function filterBy() {
  return { values: {}, shape: '', build: (_query: SelectQueryBuilder<${Class}>, _alias: string) => undefined };
}`;
  }
  const parameters = [
    ...(isReadOwned ? ['ownerId: string'] : []),
    ...(keys.length > 0 ? [`{ ${keys.join(', ')} }: ${names.Classes}Query`] : []),
  ].join(', ');
  const hasSearch = searchable.length > 0;
  const values = [
    ...(isReadOwned ? ['ownerId'] : []),
    ...filters.map((filter) => filter.name),
    ...(hasSearch ? ['pattern'] : []),
  ];
  const condition = (name: string, text: string) => `  ${name}: (${variable}: string) => \`${text}\`,`;
  const columns = searchable.map(
    (field) => `\${${variable}}.${field.property}${field.sortable ? ' COLLATE "default"' : ''}`,
  );
  const found = columns.map((column) => `${column} ILIKE :pattern`).join(' OR ');
  const folded = searchable.filter((field) => field.sortable).map((field) => field.name);
  return lines(
    '/** The conditions of a list. Only those that are asked for become part of the query, so that the index can serve it. */',
    `function filterBy(${parameters}) {`,
    hasSearch && '  const pattern = q === undefined ? undefined : `%${escapeLike(q)}%`;',
    `  const values = present({ ${values.join(', ')} });
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
    isReadOwned && condition('ownerId', `\${${variable}}.ownerId = :ownerId`),
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
    `};

function present<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}`,
  );
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
