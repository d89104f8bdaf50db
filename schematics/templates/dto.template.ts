import { article, capital } from '../definition/names.ts';
import { isMoney, requestRule, responseRule } from '../model/dto-rules.ts';
import type { FieldModel } from '../model/field-model.ts';
import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { imported, lines } from './text.ts';

const decorators = ['Line', 'Money', 'Optional', 'Paragraph'];
const fieldDecorators = [
  'Day',
  'Decimal',
  'Flag',
  'Instant',
  'Integer',
  'JsonObject',
  'LineList',
  'maxInteger',
  'minInteger',
  'OneOf',
  'QueryFlag',
  'QueryInteger',
  'Uuid',
];

/** plural.dto.ts: what comes in and what goes out. */
export function dtoTemplate(model: ModuleModel): string {
  const { names, fields } = model;
  const enums = fields.filter((field) => field.type === 'enum');
  const body = [requests(model), query(model), response(model)].join('\n\n');
  // As a decorator or in the arguments of one, and not as a word of a comment.
  const used = (name: string) => new RegExp(String.raw`@${name}\(|[(, ]${name}[,)]`).test(body);
  return lines(
    `import { ApiProperty } from '@nestjs/swagger';`,
    `import { IsIn } from 'class-validator';`,
    `import { PageInfo, PageQuery } from '../../common/http/page.dto.js';`,
    imported(
      decorators.filter((name) => body.includes(`@${name}(`)),
      '../../common/validation/decorators.js',
    ),
    imported(fieldDecorators.filter(used), '../../common/validation/fields.js'),
    imported(
      [
        ...enums.map((field) => field.enumConst),
        `type ${names.Class}`,
        ...enums.map((field) => `type ${field.enumType}`),
      ],
      `./${names.file}.entity.js`,
    ),
    '',
    sorts(model),
    body,
  );
}

function sorts({ names, sortable }: ModuleModel): string {
  const properties = ['createdAt', 'updatedAt', ...sortable.map((field) => field.property)];
  const values = properties.flatMap((property) => [`'${property}'`, `'-${property}'`]);
  return `const ${names.variable}Sorts = [${values.join(', ')}] as const;
type ${names.Class}Sort = (typeof ${names.variable}Sorts)[number];
`;
}

function requests({ names, fields }: ModuleModel): string {
  const nullable = fields.filter((field) => field.optional).map((field) => field.name);
  const emptied = nullable.length > 0 ? `; null empties the ${inWords(nullable, 'and')}` : '';
  return lines(
    `export class Create${names.Class}Dto {`,
    ...fields.map((field) => requestProperty(field, 'create')),
    `}

/** A merge patch (RFC 7396): what is left out stays${emptied}. */
export class Update${names.Class}Dto {`,
    ...fields.map((field) => requestProperty(field, 'update')),
    '}',
  );
}

function requestProperty(field: FieldModel, place: 'create' | 'update'): string {
  const isOptional = place === 'update' || field.isOptionalInput;
  return lines(
    comment(field),
    `  ${requestRule(field, place)}`,
    `  ${field.property}${isOptional ? '?' : ''}: ${field.tsType}${field.optional ? ' | null' : ''};\n`,
  );
}

/** Of a property that comes in. */
function comment(field: FieldModel): string | undefined {
  if (isMoney(field)) return '  /** Decimal string: a JSON number would lose cents. */';
  if (field.type === 'enum') return undefined;
  return `  /** @example ${sampleLiteral(field)} */`;
}

function query({ names, filters, searchable }: ModuleModel): string {
  return lines(
    `export class ${names.Classes}Query extends PageQuery {
  /** Order of the list; a - in front turns it round. */
  @Optional()
  @ApiProperty({ enum: ${names.variable}Sorts, required: false, default: '-createdAt' })
  @IsIn(${names.variable}Sorts)
  sort?: ${names.Class}Sort = '-createdAt';
`,
    searchable.length > 0 &&
      `  /** Text that ${inWords(
        searchable.map((field) => field.name),
        'or',
      )} contain${searchable.length > 1 ? '' : 's'}, without case. */
  @Line(1, 200, { optional: true })
  q?: string;
`,
    ...filters.map(({ name, tsType, comment: text, rules }) =>
      lines(
        text !== '' && `  /** ${text.replace('NAME', names.plural)} */`,
        `  ${rules.replace(') @', ')\n  @')}`,
        `  ${name}?: ${tsType};\n`,
      ),
    ),
    '}',
  );
}

function response({ names, stored, hasOwner }: ModuleModel): string {
  const properties = ['id', ...(hasOwner ? ['ownerId'] : []), ...stored.map((field) => field.property)];
  const list = [...properties, 'version', 'createdAt', 'updatedAt'].join(', ');
  return lines(
    `export class ${names.Class}Dto {
  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be01234' */
  @ApiProperty({ format: 'uuid' })
  id: string;
`,
    hasOwner &&
      `  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be05678' */
  @ApiProperty({ format: 'uuid' })
  ownerId: string;
`,
    ...stored.map((field) => {
      const rule = responseRule(field);
      return lines(
        hasResponseExample(field) && `  /** @example ${sampleLiteral(field)} */`,
        rule !== '' && `  ${rule}`,
        `  ${field.property}: ${field.tsType}${field.optional ? ' | null' : ''};\n`,
      );
    }),
    `  /** Raised by every change; the ETag holds it. */
  @ApiProperty({ type: 'integer' })
  version: number;

  createdAt: Date;
  updatedAt: Date;

  static of(${names.variable}: ${names.Class}): ${names.Class}Dto {
    const { ${list} } = ${names.variable};
    return { ${list} };
  }
}

export class ${names.Classes}Page {
  data: ${names.Class}Dto[];
  page: PageInfo;
}`,
  );
}

function hasResponseExample({ type }: FieldModel): boolean {
  return !['integer', 'enum'].includes(type);
}

function inWords(words: readonly string[], last: string): string {
  return [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(` ${last} `);
}

/** "an order", for sentences. */
export function one(names: ModuleModel['names'], isCapital = false): string {
  const text = `${article(names.singular)} ${names.singular}`;
  return isCapital ? capital(text) : text;
}
