/** What a field can hold. */
export const fieldTypes = [
  'string',
  'text',
  'integer',
  'bigint',
  'decimal',
  'boolean',
  'date',
  'datetime',
  'uuid',
  'enum',
  'json',
  'list',
  'ref',
] as const;
export type FieldType = (typeof fieldTypes)[number];

/** A field as its author describes it. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** It may be null. */
  readonly optional: boolean;
  readonly unique: boolean;
  readonly index: boolean;
  readonly searchable: boolean;
  readonly sortable: boolean;
  readonly filterable: boolean;
  /** The default, min and max of the value, or of the length of text, as they are written. */
  readonly default?: string;
  readonly min?: string;
  readonly max?: string;
  /** Of an enum. */
  readonly values: readonly string[];
  /** Digits of a decimal, in all and behind the point. */
  readonly precision: number;
  readonly scale: number;
  /** The table that a ref points to. */
  readonly target?: string;
  /** A value for the documentation and the tests, as TypeScript. */
  readonly example?: string;
}

export interface ModuleDefinition {
  readonly name: string;
  readonly fields: readonly FieldDefinition[];
  /** Anyone may read. */
  readonly isPublic: boolean;
  /** Each row belongs to the user who made it. */
  readonly hasOwner: boolean;
  /** Only administrators may write and, unless it is public, read. */
  readonly isAdminOnly: boolean;
  /** The module whose rows it is below: its routes are nested, as in /items/:itemId/notes. */
  readonly parent?: string;
}

/** One line that tells the author what to change. */
export class DefinitionError extends Error {}
