import type { Problem } from './api.js';
import type { Answer, SentRequest } from './client.js';
import { fixedHeaderFaults } from './fixed-headers.js';
import { OpenApiIndex, type DocumentedOperation, type DocumentedResponse, type OpenApi } from './openapi-index.js';
import { problemFaults } from './problem-check.js';

/** The documentation itself is not documented. */
const documentationPaths = /^\/(openapi\.json|docs|redoc)(\/|$)/;
/** Any route may answer these; the document says so in its introduction. */
const statusesOfAnyRoute = new Set([405, 414, 431]);
const secrets = /\$argon2|\$2[aby]\$|password_?hash|token_?version|username_?key|email_?key/i;

/**
 * Holds every answer of every end-to-end test against the product's own OpenAPI document and against what clients rely
 * on in all answers: fixed headers, problem details, no secrets, no 5xx.
 */
export class ContractCheck {
  private readonly index: OpenApiIndex;

  constructor(document: OpenApi) {
    this.index = new OpenApiIndex(document);
  }

  /** For a server that runs in another process. */
  static async of(url: string): Promise<ContractCheck> {
    const answer = await fetch(`${url}/openapi.json`);
    return new ContractCheck((await answer.json()) as OpenApi);
  }

  get document(): OpenApi {
    return this.index.document;
  }

  /** @throws Error that lists every breach */
  verify(sent: SentRequest, answer: Answer<unknown>): void {
    const path = sent.path.split('?', 1)[0] ?? '';
    const faults = [
      ...fixedHeaderFaults(answer, path.startsWith('/api/')),
      ...(answer.status >= 500 && !sent.allow5xx ? ['5xx, although no fault is injected'] : []),
      ...(answer.status >= 400 && sent.method !== 'HEAD' ? problemFaults(sent, answer as Answer<Problem>) : []),
      ...(documentationPaths.test(path) ? [] : this.documentFaults(sent, path, answer)),
    ];
    if (faults.length === 0) return;
    const list = faults.map((fault) => `  - ${fault}`).join('\n');
    const got = `${answer.status} ${answer.text.slice(0, 1000)}`;
    throw new Error(`${sent.method} ${sent.path.slice(0, 200)} breaks the contract:\n${list}\nanswer: ${got}`);
  }

  private documentFaults(sent: SentRequest, path: string, answer: Answer<unknown>): string[] {
    // A fault names the unknown property that was sent, which is no secret.
    const secret = secrets.exec(answer.text.replaceAll(/"field":"[^"]*"/g, ''));
    const leaks = secret ? [`the body holds "${secret[0]}"`] : [];
    if (sent.method === 'OPTIONS') return leaks;
    const template = this.index.templateOf(path);
    const operation = template && this.index.operation(template, sent.method === 'HEAD' ? 'GET' : sent.method);
    if (!operation) {
      return isRefusal(answer.status) ? leaks : [...leaks, `answers ${answer.status}, but is not documented`];
    }
    if (statusesOfAnyRoute.has(answer.status)) return leaks;
    const response = operation.responses[answer.status];
    if (!response) {
      const isInjected = answer.status >= 500 && sent.allow5xx;
      const isTold = isInjected || (isOutsideOfDocument(sent, operation) && [400, 413, 415].includes(answer.status));
      return isTold ? leaks : [...leaks, `${operation.operationId} does not document ${answer.status}`];
    }
    return [
      ...leaks,
      ...this.headerFaults(response, answer),
      ...(sent.method === 'HEAD' ? [] : this.bodyFaults(response, answer)),
      ...(answer.status < 300 ? this.requestFaults(sent, operation) : []),
    ];
  }

  private headerFaults(response: DocumentedResponse, { headers }: Answer<unknown>): string[] {
    return Object.keys(response.headers ?? {}).flatMap((name) => {
      const value = headers[name.toLowerCase()];
      const { required, schema } = this.index.header(response, name) ?? {};
      if (value === undefined) return required ? [`lacks the header ${name}`] : [];
      return schema ? this.index.faultsOf(value, schema).map((fault) => `header ${name}: ${fault}`) : [];
    });
  }

  private bodyFaults({ content }: DocumentedResponse, { headers, body, text }: Answer<unknown>): string[] {
    if (!content) return text === '' ? [] : ['has a body, but none is documented'];
    const type = headers['content-type']?.split(';', 1)[0]?.trim() ?? '';
    const documented = content[type];
    if (!documented) return [`content type "${type}" is not documented, only ${Object.keys(content).join(', ')}`];
    if (!documented.schema || !type.endsWith('json')) return [];
    return this.index.faultsOf(body, documented.schema);
  }

  /** What the product took must be what it documents to take. */
  private requestFaults({ path, headers, payload }: SentRequest, operation: DocumentedOperation): string[] {
    const unknownKeys = queryKeysOf(path).filter((key) => !isParameter(operation, key));
    const faults = unknownKeys.map((key) => `took the query key ${key}, which is not documented`);
    // A body where none is documented means nothing (RFC 9110, section 9.3.1), and is not taken but ignored.
    if (!payload?.length || !operation.requestBody) return faults;
    const type = String(headers['content-type']).split(';', 1)[0]!.trim().toLowerCase();
    const documented = operation.requestBody.content[type];
    if (!documented) return [...faults, `took a body of type ${type}, which is not documented`];
    if (!documented.schema || headers['content-encoding'] !== undefined) return faults;
    const body: unknown = JSON.parse(payload.toString());
    const badParts = this.index.faultsOf(body, documented.schema, 'sent');
    return [...faults, ...badParts.map((fault) => `took a bad request: ${fault}`)];
  }
}

function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500) || status === 503;
}

/** A request with query keys or a body where the document has none can't expect that its answers are documented. */
function isOutsideOfDocument({ path, payload }: SentRequest, operation: DocumentedOperation): boolean {
  const hasUnknownKey = queryKeysOf(path).some((key) => !isParameter(operation, key));
  return hasUnknownKey || (payload !== undefined && !operation.requestBody);
}

function queryKeysOf(path: string): string[] {
  const at = path.indexOf('?');
  return at === -1 ? [] : [...new URLSearchParams(path.slice(at)).keys()];
}

function isParameter({ parameters = [] }: DocumentedOperation, key: string): boolean {
  return parameters.some((parameter) => parameter.in === 'query' && parameter.name === key);
}
