import { inTemplate, quoted, sqlText } from './literals.ts';
import type { FieldModel } from './field-model.ts';

/** The column's type in SQL. A string that lists are sorted by is compared by code point. */
export function sqlType({ type, sortable, precision, scale }: FieldModel): string {
  switch (type) {
    case 'string':
      return sortable ? 'text COLLATE "C"' : 'text';
    case 'text':
    case 'enum':
      return 'text';
    case 'decimal':
      return `numeric(${precision}, ${scale})`;
    case 'datetime':
      return 'timestamptz(3)';
    case 'json':
      return 'jsonb';
    case 'list':
      return 'text[]';
    case 'ref':
      return 'uuid';
    case 'integer':
    case 'bigint':
    case 'boolean':
    case 'date':
    case 'uuid':
      return type;
    default:
      return type satisfies never;
  }
}

/** The default in SQL, or undefined. */
export function sqlDefault({ type, default: standard }: FieldModel): string | undefined {
  if (type === 'list') return `'{}'`;
  if (standard === undefined) return undefined;
  return ['integer', 'bigint', 'decimal', 'boolean'].includes(type) ? standard : sqlText(standard);
}

/** What a CHECK constraint holds, or undefined. Lengths and the range of the type itself need none. */
export function sqlCheck({ type, column, values, min, max }: FieldModel): string | undefined {
  if (type === 'enum') return `${column} IN (${values.map(sqlText).join(', ')})`;
  if (!['integer', 'bigint', 'decimal'].includes(type)) return undefined;
  const isWide = type === 'integer' && max === '2147483647';
  const parts = [
    ...(min === undefined ? [] : [`${column} >= ${min}`]),
    ...(max === undefined || isWide ? [] : [`${column} <= ${max}`]),
  ];
  return parts.length > 0 ? parts.join(' AND ') : undefined;
}

/** The @Column decorator. */
export function columnDecorator(field: FieldModel): string {
  const { type, sortable, precision, scale, optional } = field;
  const options = [
    ...(type === 'decimal' ? [`precision: ${precision}`, `scale: ${scale}`] : []),
    ...(type === 'datetime' ? ['precision: 3'] : []),
    ...(type === 'list' ? ['array: true', 'default: []'] : []),
    ...(optional ? ['nullable: true'] : []),
    ...defaultOption(field),
  ];
  if (type === 'string' && sortable) return `@Column({ ${["type: 'text'", "collation: 'C'", ...options].join(', ')} })`;
  const name = columnType(field);
  // The overload with the type in front knows no precision of times.
  if (type === 'datetime') return `@Column({ ${[`type: '${name}'`, ...options].join(', ')} })`;
  return options.length > 0 ? `@Column('${name}', { ${options.join(', ')} })` : `@Column('${name}')`;
}

function columnType({ type }: FieldModel): string {
  const names: Partial<Record<FieldModel['type'], string>> = {
    string: 'text',
    enum: 'text',
    list: 'text',
    decimal: 'numeric',
    datetime: 'timestamptz',
    json: 'jsonb',
    ref: 'uuid',
  };
  return names[type] ?? type;
}

function defaultOption({ type, default: standard }: FieldModel): string[] {
  if (standard === undefined) return [];
  return [`default: ${['integer', 'boolean'].includes(type) ? standard : quoted(standard)}`];
}

/** The column's line in CREATE TABLE, inside of a template literal. */
export function columnSql(field: FieldModel, table: string): string {
  const { column, optional, target } = field;
  const check = sqlCheck(field);
  const standard = sqlDefault(field);
  const constraint = target
    ? ` CONSTRAINT ${table}_${column}_fkey REFERENCES ${target.table} (id) ON DELETE ${optional ? 'SET NULL' : 'CASCADE'}`
    : check && ` CONSTRAINT ${table}_${column}_check CHECK (${check})`;
  const line = `${column} ${sqlType(field)}${optional ? '' : ' NOT NULL'}${standard ? ` DEFAULT ${standard}` : ''}`;
  const whole = `${line}${constraint ?? ''}`;
  // As wide as the other lines may be.
  return inTemplate(whole.length > 104 ? `${line}\n         ${constraint ?? ''}` : whole);
}
