import { capital } from '../definition/names.ts';
import { columnDecorator, sqlCheck } from '../model/columns.ts';
import { indexesOf } from '../model/indexes.ts';
import { inTemplate, quoted } from '../model/literals.ts';
import type { FieldModel } from '../model/field-model.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { imported, importedFrom, lines } from './text.ts';

const scales = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** singular.entity.ts: the table. */
export function entityTemplate(model: ModuleModel): string {
  const { names, fields, stored, unique, hasOwner } = model;
  const targets = stored.flatMap(({ target }) => target ?? []);
  const checks = fields.map((field) => ({ field, check: sqlCheck(field) })).filter(({ check }) => check !== undefined);
  const indexes = indexesOf(model);
  const hasForeignKey = hasOwner || targets.length > 0;
  return lines(
    imported(
      [
        checks.length > 0 && 'Check',
        'Column',
        'CreateDateColumn',
        'DeleteDateColumn',
        'Entity',
        hasForeignKey && 'ForeignKey',
        'Index',
        'PrimaryColumn',
        'UpdateDateColumn',
        'VersionColumn',
      ],
      'typeorm',
    ),
    importedFrom([
      ...(hasOwner ? [['User', '../users/user.entity.js'] as const] : []),
      ...targets
        .filter(({ table }) => table !== names.table)
        .map(({ Class, entityFile }) => [Class, `../${entityFile.replace(/\.ts$/, '.js')}`] as const),
    ]),
    '',
    ...fields.filter(({ type }) => type === 'enum').map(enumDeclaration),
    unique.length > 0 && '/** Unique indexes, by the name that a violation reports. */',
    ...unique.map((field) => `export const ${uniqueConst(field)} = '${uniqueIndexName(model, field)}';`),
    unique.length > 0 && '',
    hasOwner &&
      `/** Foreign key of the owner, by the name that a violation reports. */
export const ownerKey = '${names.table}_owner_id_fkey';
`,
    `const live = { where: 'deleted_at IS NULL' };`,
    '',
    `@Entity('${names.table}')`,
    ...indexes.map(({ name, properties, isUnique, isLive }) => {
      const field = unique.find((candidate) => uniqueIndexName(model, candidate) === name);
      const options = isUnique ? ', { unique: true, ...live }' : isLive ? ', live' : '';
      const list = properties.map((property) => `'${property}'`).join(', ');
      return `@Index(${field ? uniqueConst(field) : `'${name}'`}, [${list}]${options})`;
    }),
    ...checks.map(({ field, check = '' }) => {
      const text = check.includes("'") ? `\`${inTemplate(check)}\`` : quoted(check);
      return `@Check('${names.table}_${field.column}_check', ${text})`;
    }),
    `export class ${names.Class} {`,
    `  @PrimaryColumn('uuid', { primaryKeyConstraintName: '${names.table}_pkey' })
  id: string;
`,
    hasOwner &&
      `  @ForeignKey(() => User, { name: ownerKey, onDelete: 'CASCADE' })
  @Column('uuid')
  ownerId: string;
`,
    ...stored.map((field) => property(field, names.table)),
    `  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;

  @DeleteDateColumn({ type: 'timestamptz', precision: 3 })
  deletedAt: Date | null;
}`,
  );
}

/** The constant that holds the name of a field's unique index, such as uniqueSku. */
export function uniqueConst(field: FieldModel): string {
  return `unique${capital(field.property)}`;
}

export function uniqueIndexName({ names }: ModuleModel, field: FieldModel): string {
  return `${names.table}_${field.column}_unique`;
}

function enumDeclaration({ enumConst, enumType, values }: FieldModel): string {
  return `export const ${enumConst} = [${values.map(quoted).join(', ')}] as const;
export type ${enumType} = (typeof ${enumConst})[number];
`;
}

function property(field: FieldModel, table: string): string {
  const { type, sortable, scale, optional, target, column } = field;
  const onDelete = optional ? 'SET NULL' : 'CASCADE';
  const decimals = `${scales[scale] ?? scale} decimal${scale === 1 ? '' : 's'}`;
  return lines(
    type === 'string' &&
      sortable &&
      '  /** Sorted by code point, so that order and index are the same on every server, whatever its locale. */',
    type === 'decimal' &&
      `  /** Decimal string with ${decimals}; a float would lose ${scale === 2 ? 'cents' : 'digits'}. */`,
    type === 'bigint' && '  /** Decimal string: a number would lose digits beyond 2^53. */',
    target && `  @ForeignKey(() => ${target.Class}, { name: '${table}_${column}_fkey', onDelete: '${onDelete}' })`,
    `  ${columnDecorator(field)}`,
    `  ${field.property}: ${field.tsType}${optional ? ' | null' : ''};\n`,
  );
}
