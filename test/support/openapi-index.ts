import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export type Schema = Record<string, unknown>;
type Content = Record<string, { schema?: Schema }>;

export interface DocumentedResponse {
  readonly content?: Content;
  readonly headers?: Record<string, { $ref?: string; required?: boolean; schema?: Schema }>;
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  readonly requestBody?: { content: Content; required?: boolean };
  readonly responses: Record<string, DocumentedResponse>;
  readonly security?: unknown[];
}

export interface OpenApi {
  readonly paths: Record<string, Record<string, DocumentedOperation>>;
  readonly components: {
    schemas: Record<string, Schema>;
    headers?: Record<string, { required?: boolean; schema?: Schema }>;
  };
}

/** Finds in an OpenAPI document what belongs to a request, and validates against its schemas. */
export class OpenApiIndex {
  private readonly templates: { template: string; pattern: RegExp }[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<Schema, ValidateFunction>();

  constructor(readonly document: OpenApi) {
    formats.default(this.ajv);
    this.ajv.addSchema({ $id: 'openapi', components: { schemas: closed(document.components.schemas) } });
    this.templates = Object.keys(document.paths)
      .sort((a, b) => parametersIn(a) - parametersIn(b))
      .map((template) => ({ template, pattern: patternOf(template) }));
  }

  /** The most literal template that the path (without query) fits. Express takes a slash at the end for none. */
  templateOf(path: string): string | undefined {
    const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
    return this.templates.find(({ pattern }) => pattern.test(bare))?.template;
  }

  operation(template: string, method: string): DocumentedOperation | undefined {
    return this.document.paths[template]?.[method.toLowerCase()];
  }

  /** Follows the $ref of a header. */
  header(response: DocumentedResponse, name: string): { required?: boolean; schema?: Schema } | undefined {
    const header = response.headers?.[name];
    const shared = header?.$ref?.split('/').at(-1);
    return shared === undefined ? header : this.document.components.headers?.[shared];
  }

  /** What is wrong with the value, in words; empty when it is valid. Of what is sent, formats are no more than hints. */
  faultsOf(value: unknown, schema: Schema, direction: 'sent' | 'answered' = 'answered'): string[] {
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(rebased(schema));
      this.validators.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? [])
      .filter(({ keyword }) => direction === 'answered' || keyword !== 'format')
      .map(({ instancePath, message, params }) => `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`);
  }
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+').replaceAll('.', String.raw`\.`)}$`);
}

function parametersIn(template: string): number {
  return template.split('{').length;
}

/** Objects hold what is documented and no more, so that nothing leaks unnoticed. Problems may have members of their own. */
function closed(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      schema.properties && name !== 'Problem' ? { additionalProperties: false, ...rebased(schema) } : rebased(schema),
    ]),
  );
}

/** References of the document, made absolute for the validator. */
function rebased(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')) as Schema;
}
