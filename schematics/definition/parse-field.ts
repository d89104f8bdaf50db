import { DefinitionError, fieldTypes, type FieldDefinition, type FieldType } from './definition.ts';
import { checkField } from './check-field.ts';

type Draft = { -readonly [Key in keyof FieldDefinition]: FieldDefinition[Key] };

const flags = ['optional', 'unique', 'index', 'searchable', 'sortable', 'filterable'] as const;
const values = ['default', 'min', 'max'] as const;
const aliases: Readonly<Record<string, FieldType>> = {
  int: 'integer',
  bool: 'boolean',
  stringlist: 'list',
  'string[]': 'list',
};

/**
 * Reads `name:type[(arguments)][?][:modifier[=value]]...`, such as `price:decimal(12,2):min=0:sortable`.
 * @throws DefinitionError
 */
export function parseField(text: string): FieldDefinition {
  const [name = '', typeText = '', ...rest] = split(text);
  if (typeText === '') throw new DefinitionError(`${text}: a field is written name:type, such as title:string`);
  const draft = start(name, typeText);
  if (draft.type === 'ref') draft.target = targetOf(draft, rest.shift());
  for (const modifier of rest) apply(draft, modifier);
  checkField(draft);
  return draft;
}

function start(name: string, text: string): Draft {
  const match = /^([a-z]+(?:\[\])?)(?:\((.*)\))?(\?)?$/s.exec(text);
  const word = match?.[1] ?? text;
  const type = aliases[word] ?? fieldTypes.find((known) => known === word);
  if (!match || !type) {
    throw new DefinitionError(`${name}: there is no type "${text}"; there are ${fieldTypes.join(', ')}`);
  }
  const parts = match[2]?.split(',').map((part) => part.trim());
  const draft: Draft = {
    name,
    type,
    optional: match[3] === '?',
    unique: false,
    index: false,
    searchable: false,
    sortable: false,
    filterable: false,
    values: [],
    precision: type === 'bigint' ? 19 : 12,
    scale: type === 'bigint' ? 0 : 2,
  };
  if (type === 'enum') draft.values = parts ?? [];
  else if (type === 'decimal' && parts) [draft.precision, draft.scale] = digits(name, parts);
  else if (parts) throw new DefinitionError(`${name}: ${type} takes nothing in parentheses`);
  return draft;
}

function digits(name: string, parts: readonly string[]): [number, number] {
  const [precision, scale = 0] = parts.map(Number);
  const isRight =
    parts.length <= 2 && parts.every((part) => /^\d{1,2}$/.test(part)) && precision !== undefined && precision <= 38;
  if (isRight && scale < precision && scale > 0) return [precision, scale];
  throw new DefinitionError(`${name}: decimal takes digits and decimals, such as decimal(12,2), at most 38 digits`);
}

function targetOf(draft: Draft, text = ''): string {
  if (text.endsWith('?')) draft.optional = true;
  const target = text.replace(/\?$/, '');
  if (/^[a-z][a-zA-Z0-9_-]*$/.test(target)) return target;
  throw new DefinitionError(`${draft.name}: ref needs the table that it points to, such as ${draft.name}:ref:users`);
}

function apply(draft: Draft, text: string): void {
  const [, word = text, value] = /^([a-z]+)(?:=(.*))?$/s.exec(text) ?? [];
  const flag = flags.find((known) => known === word);
  const key = values.find((known) => known === word);
  if (flag && value === undefined) draft[flag] = true;
  else if (key && value !== undefined && value !== '') draft[key] = value;
  else {
    const known = [...flags, ...values.map((name) => `${name}=...`)].join(', ');
    throw new DefinitionError(`${draft.name}: there is no modifier "${text}"; there are ${known}`);
  }
}

/** At colons outside of parentheses; what follows a = is a value and may hold colons when it is quoted. */
function split(text: string): string[] {
  const parts = text.match(/(?:\([^)]*\)|"[^"]*"|[^:("]|\()+/g) ?? [];
  return parts.map((part) => part.replaceAll('"', ''));
}
