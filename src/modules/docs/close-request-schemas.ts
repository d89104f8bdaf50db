import type { OpenAPIObject, OperationObject, SchemaObject } from '@nestjs/swagger';

/** Says of every schema that a request body uses that it takes no unknown property, as the validation pipe has it. */
export function closeRequestSchemas(document: OpenAPIObject, operations: readonly OperationObject[]): void {
  const schemas = document.components?.schemas ?? {};
  const pending = operations.flatMap((operation) => referencesIn(operation.requestBody));
  const closed = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const schema = schemas[name] as SchemaObject | undefined;
    if (closed.has(name) || !schema) continue;
    closed.add(name);
    if (schema.type === 'object') schema.additionalProperties ??= false;
    pending.push(...referencesIn(schema));
  }
}

function referencesIn(value: unknown): string[] {
  const found = JSON.stringify(value ?? null).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  return [...found].map(([, name]) => name!);
}
