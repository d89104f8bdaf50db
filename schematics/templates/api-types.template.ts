import type { FieldModel } from '../model/field-model.ts';
import { quoted } from '../model/literals.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { lines } from './text.ts';

/** The interface in test/support/api.ts: the answer as a client sees it. */
export function apiTypeTemplate({ names, stored, hasOwner }: ModuleModel): string {
  return lines(
    `export interface ${names.Class} {`,
    '  id: string;',
    hasOwner && '  ownerId: string;',
    ...stored.map((field) => `  ${field.property}: ${jsonType(field)}${field.optional ? ' | null' : ''};`),
    `  version: number;
  createdAt: string;
  updatedAt: string;
}`,
  );
}

function jsonType({ type, tsType, values }: FieldModel): string {
  if (type === 'enum') return values.map(quoted).join(' | ');
  return type === 'datetime' ? 'string' : tsType;
}
