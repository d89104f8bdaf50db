import type { OpenAPIObject, OperationObject, SchemaObject } from '@nestjs/swagger';
import { closeRequestSchemas } from './close-request-schemas.js';

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const body = (name: string) => ({ content: { 'application/json': { schema: reference(name) } } });

function schemasAfter(operation: OperationObject, schemas: Record<string, SchemaObject>): Record<string, SchemaObject> {
  const document: OpenAPIObject = {
    openapi: '3.1.0',
    info: { title: '', version: '' },
    paths: {},
    components: { schemas },
  };
  closeRequestSchemas(document, [operation]);
  return schemas;
}

describe('closeRequestSchemas', () => {
  it('closes what a request uses, at any depth and in a circle, and nothing else', () => {
    const schemas = schemasAfter(
      { requestBody: body('Create'), responses: { 201: { description: '', ...body('Created') } } },
      {
        Create: { type: 'object', properties: { parts: { type: 'array', items: reference('Part') } } },
        Part: { type: 'object', properties: { whole: reference('Create') } },
        Created: { type: 'object' },
      },
    );
    expect(schemas['Create']?.additionalProperties).toBe(false);
    expect(schemas['Part']?.additionalProperties).toBe(false);
    expect(schemas['Created']).not.toHaveProperty('additionalProperties');
  });

  it('leaves a schema alone that says itself what else it takes', () => {
    const schemas = schemasAfter(
      { requestBody: body('Open'), responses: {} },
      { Open: { type: 'object', additionalProperties: true } },
    );
    expect(schemas['Open']?.additionalProperties).toBe(true);
  });
});
