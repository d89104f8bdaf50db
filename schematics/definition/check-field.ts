import { isDay, isInstant, isWithinDecimals } from '../../src/common/validation/scalars.ts';
import { DefinitionError, type FieldDefinition, type FieldType } from './definition.ts';
import { snake } from './names.ts';
import { sqlWords, takenFields, typescriptWords } from './reserved-words.ts';

const sortable: readonly FieldType[] = ['string', 'integer', 'bigint', 'decimal', 'date', 'datetime'];
const lengths: readonly FieldType[] = ['string', 'text'];
const bounded: readonly FieldType[] = [...lengths, 'integer', 'bigint', 'decimal'];
const withoutDefault: readonly FieldType[] = ['uuid', 'json', 'list', 'ref'];
const unfilterable: readonly FieldType[] = ['text', 'json'];
const unkeyed: readonly FieldType[] = ['text', 'json', 'list'];

/** @throws DefinitionError for a field that could not work, with the reason */
export function checkField(field: FieldDefinition): void {
  const fault = nameFault(field) ?? enumFault(field) ?? modifierFault(field) ?? valueFault(field);
  if (fault !== undefined) throw new DefinitionError(`${field.name}: ${fault}`);
}

function nameFault({ name, type }: FieldDefinition): string | undefined {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || /[A-Z]{2}/.test(name)) {
    return 'a field is named in camelCase, such as dueAt, with letters and digits';
  }
  const column = type === 'ref' ? `${snake(name)}_id` : snake(name);
  const property = type === 'ref' ? `${name}Id` : name;
  if (sqlWords.has(column)) return 'is a reserved word of SQL; choose another name';
  if (typescriptWords.has(property.toLowerCase())) return 'is a reserved word of TypeScript; choose another name';
  if (takenFields.has(property)) return 'is a name that every module needs for itself; choose another';
  return undefined;
}

function enumFault({ type, values }: FieldDefinition): string | undefined {
  if (type !== 'enum') return undefined;
  if (values.length === 0 || values.includes('')) return 'enum needs its values, such as enum(draft,paid)';
  const odd = values.find((value) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/.test(value));
  if (odd !== undefined) return `"${odd}" can't be a value of an enum: letters, digits, _ and -, at most 50`;
  return new Set(values).size < values.length ? 'a value of the enum is there twice' : undefined;
}

function modifierFault(field: FieldDefinition): string | undefined {
  const { type, optional, default: standard } = field;
  if (optional && type === 'list') return 'a list is empty when it is left out; it needs no ?';
  if (optional && standard !== undefined) return 'a field with a default is never missing; drop one of ? and default';
  if (field.sortable && !sortable.includes(type)) return `${type} can't be sorted by`;
  if (field.sortable && optional)
    return 'pages can be sorted only by a field that always has a value; drop ? or sortable';
  if (field.searchable && !lengths.includes(type)) return 'only string and text can be searched';
  if (field.filterable && unfilterable.includes(type)) return `${type} can't be filtered by`;
  if (field.unique && unkeyed.includes(type)) return `${type} can't be unique`;
  if (field.unique && type === 'boolean') return 'a unique boolean would allow two rows';
  if (field.unique && standard !== undefined) return 'a unique field can have no default';
  if (field.index && unkeyed.includes(type)) return `${type} can't be indexed by its values`;
  if (standard !== undefined && withoutDefault.includes(type)) return `${type} takes no default`;
  if ((field.min ?? field.max) !== undefined && !bounded.includes(type)) return `${type} has no min and max`;
  return undefined;
}

function valueFault(field: FieldDefinition): string | undefined {
  const { type, min, max, default: standard } = field;
  for (const [name, value] of Object.entries({ min, max })) {
    if (value === undefined) continue;
    const isRight = lengths.includes(type) ? isLength(field, value) : isValue(field, value);
    if (!isRight) return `${name}=${value} is not a ${lengths.includes(type) ? 'length' : 'value'} of ${type}`;
  }
  if (min !== undefined && max !== undefined && isAbove(field, min, max)) return `min=${min} is above max=${max}`;
  if (standard === undefined) return undefined;
  const isInRange = lengths.includes(type)
    ? isLong(field, standard)
    : isValue(field, standard) && isWithin(field, standard);
  return isInRange ? undefined : `default=${standard} is not a value that the field may have`;
}

function isLength({ type }: FieldDefinition, text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= (type === 'string' ? 1000 : 20_000);
}

function isLong({ type, min, max }: FieldDefinition, text: string): boolean {
  const length = [...text].length;
  return (
    length >= Number(min ?? 1) && length <= Number(max ?? (type === 'string' ? 200 : 5000)) && !/\p{Cc}/u.test(text)
  );
}

function isValue({ type, values, precision, scale }: FieldDefinition, text: string): boolean {
  switch (type) {
    case 'integer':
      return /^-?(0|[1-9]\d{0,9})$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647;
    case 'bigint':
      return /^-?(0|[1-9]\d{0,17})$/.test(text);
    case 'decimal':
      return new RegExp(String.raw`^-?\d{1,${precision - scale}}(\.\d{1,${scale}})?$`).test(text);
    case 'boolean':
      return text === 'true' || text === 'false';
    case 'date':
      return isDay(text);
    case 'datetime':
      return isInstant(text);
    case 'enum':
      return values.includes(text);
    default:
      return false;
  }
}

function isAbove({ type, scale }: FieldDefinition, min: string, max: string): boolean {
  return ['decimal', 'bigint'].includes(type) ? !isWithinDecimals(min, { max }, scale) : Number(min) > Number(max);
}

function isWithin(field: FieldDefinition, text: string): boolean {
  if (!bounded.includes(field.type)) return true;
  const { min, max } = field;
  return (min === undefined || !isAbove(field, min, text)) && (max === undefined || !isAbove(field, text, max));
}
