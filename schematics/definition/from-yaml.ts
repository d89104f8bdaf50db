import { parse, YAMLParseError } from 'yaml';
import { DefinitionError, type FieldDefinition, type ModuleDefinition } from './definition.ts';
import { parseField } from './parse-field.ts';

interface ModuleEntry {
  readonly fields?: unknown;
  readonly public?: unknown;
  readonly owner?: unknown;
  readonly adminOnly?: unknown;
  readonly parent?: unknown;
}

/**
 * Modules from YAML: `{ orders: { public: true, fields: [title:string, { field: price:decimal, example: "'19.99'" }] } }`.
 * @throws DefinitionError
 */
export function definitionsOf(text: string): ModuleDefinition[] {
  const document = parsedYaml(text);
  if (!isObject(document)) throw new DefinitionError('the file must hold modules by name, each with its fields');
  const definitions = Object.entries(document).map(([name, entry]) => definitionOf(name, entry));
  if (definitions.length === 0) throw new DefinitionError('the file holds no module');
  return definitions;
}

function definitionOf(name: string, entry: unknown): ModuleDefinition {
  const known = ['fields', 'public', 'owner', 'adminOnly', 'parent'];
  if (!isObject(entry)) throw new DefinitionError(`${name}: needs fields, a list`);
  const odd = Object.keys(entry).find((key) => !known.includes(key));
  if (odd !== undefined) throw new DefinitionError(`${name}: there is no "${odd}"; there are ${known.join(', ')}`);
  const { fields, public: isPublic, owner, adminOnly, parent } = entry as ModuleEntry;
  if (!Array.isArray(fields)) throw new DefinitionError(`${name}: fields must be a list such as [title:string]`);
  if (parent !== undefined && typeof parent !== 'string')
    throw new DefinitionError(`${name}: parent is a module's name`);
  const isAdminOnly = flag(name, 'adminOnly', adminOnly, false);
  return {
    name,
    fields: fields.map((field: unknown) => fieldOf(name, field)),
    isPublic: flag(name, 'public', isPublic, false),
    hasOwner: flag(name, 'owner', owner, true) && !isAdminOnly,
    isAdminOnly,
    parent,
  };
}

function fieldOf(module: string, entry: unknown): FieldDefinition {
  if (typeof entry === 'string') return parseField(entry);
  if (isObject(entry) && typeof entry.field === 'string' && typeof entry.example === 'string') {
    return { ...parseField(entry.field), example: entry.example };
  }
  throw new DefinitionError(`${module}: a field is text such as title:string, or { field, example }`);
}

function flag(module: string, name: string, value: unknown, standard: boolean): boolean {
  if (value === undefined) return standard;
  if (typeof value === 'boolean') return value;
  throw new DefinitionError(`${module}: ${name} must be true or false`);
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new DefinitionError(`the file is no YAML: ${error.message.split('\n')[0]}`);
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
