import fc, { type Arbitrary } from 'fast-check';
import type { DocumentedOperation, OpenApi, Schema } from '../support/openapi-index.js';
import { hostile, validOf } from './values.js';

/** A request before what only a run knows (ids, tokens, cursors) is put in. */
export interface Plan {
  readonly operationId: string;
  readonly method: string;
  /** With {name} where a parameter goes. */
  readonly template: string;
  readonly isPublic: boolean;
  /** Every part keeps to the document, so a refusal for its form would be a breach. */
  readonly isValid: boolean;
  readonly path: Readonly<Record<string, Choice>>;
  readonly query: readonly (readonly [name: string, value: Choice])[];
  readonly headers: Readonly<Record<string, Choice>>;
  readonly body: Body;
  readonly caller: 'usual' | 'stranger' | 'forged';
}

/** A value, or one that the run has come to know, by any number. */
export type Choice = { readonly text: string } | { readonly known: number };
export type Body =
  { readonly json: unknown } | { readonly raw: Uint8Array | string; readonly type?: string } | undefined;

type Draft = { -readonly [Name in keyof Plan]: Plan[Name] };
type Mutation = (draft: Draft) => void;

/** Rare, since each costs a new account. */
const weights: Readonly<Record<string, number>> = { usersRemoveMe: 1, authRegister: 5, authLogin: 5 };

/** Requests for every operation of the document: half of them valid, the others valid but for up to three mutations. */
export function planOf(document: OpenApi): Arbitrary<Plan> {
  const plans = Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      weight: weights[operation.operationId] ?? 10,
      arbitrary: planOfOperation(document, template, method.toUpperCase(), operation),
    })),
  );
  return fc.oneof(...plans);
}

function planOfOperation(
  { components }: OpenApi,
  template: string,
  method: string,
  { operationId, parameters = [], requestBody, security }: DocumentedOperation,
): Arbitrary<Plan> {
  const deref = (schema: Schema): Schema => {
    const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
    return name === undefined ? schema : deref(components.schemas[name] ?? {});
  };
  const inside = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const content = Object.values(requestBody?.content ?? {})[0];
  const valid = fc.record({
    path: fc.record(Object.fromEntries(inside('path').map(({ name }) => [name, known()]))),
    query: fc.record(
      Object.fromEntries(inside('query').map(({ name, schema = {} }) => [name, queryValue(name, schema, deref)])),
      { requiredKeys: [] },
    ),
    headers: fc.record(Object.fromEntries(inside('header').map(({ name }) => [name.toLowerCase(), known()])), {
      requiredKeys: inside('header')
        .filter(({ required }) => required)
        .map(({ name }) => name.toLowerCase()),
    }),
    body: content ? validOf(content.schema ?? {}, deref).map((json): Body => ({ json })) : fc.constant<Body>(undefined),
  });
  return fc
    .tuple(valid, fc.oneof(fc.constant([]), fc.array(mutation, { minLength: 1, maxLength: 3 })))
    .map(([parts, mutations]) => {
      const draft: Draft = {
        operationId,
        method,
        template,
        isPublic: security?.length === 0,
        isValid: mutations.length === 0,
        ...parts,
        query: Object.entries(parts.query) as [string, Choice][],
        caller: 'usual',
      };
      for (const mutate of mutations) mutate(draft);
      return draft;
    });
}

function known(): Arbitrary<Choice> {
  return fc.nat().map((number) => ({ known: number }));
}

function queryValue(name: string, schema: Schema, deref: (schema: Schema) => Schema): Arbitrary<Choice> {
  return name === 'cursor' ? known() : validOf(schema, deref).map((value) => ({ text: String(value) }));
}

const asText = hostile.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
/** What an HTTP client lets through in a header. */
const headerText = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,60}$/);
const entityTags = fc.constantFrom(
  '*',
  '""',
  '"1"',
  'W/"1"',
  '"1", "2"',
  '"0"',
  '"99999999999"',
  '1',
  ',,',
  '"a',
  'W/*',
);

/** One thing that is wrong, or at least odd, with a request. */
const mutation: Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), hostile).map(
    ([at, value]) =>
      (draft: Draft) =>
        replaceField(draft, at, value),
  ),
  fc.nat().map((at) => (draft: Draft) => removeField(draft, at)),
  fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), hostile).map(
    ([key, value]) =>
      (draft: Draft) =>
        addField(draft, key, value),
  ),
  hostile.map((json) => (draft: Draft) => void (draft.body = { json })),
  fc.constant((draft: Draft) => void (draft.body = undefined)),
  fc
    .tuple(
      fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json(), asText),
      fc.constantFrom('application/json', 'text/plain', 'application/json; charset=latin1', ''),
    )
    .map(
      ([raw, type]) =>
        (draft: Draft) =>
          void (draft.body = { raw, type }),
    ),
  fc.nat(200).map((end) => (draft: Draft) => cutBody(draft, end)),
  fc.tuple(fc.nat(), asText).map(
    ([at, text]) =>
      (draft: Draft) =>
        replaceQuery(draft, at, text),
  ),
  fc.tuple(fc.string({ unit: 'binary', maxLength: 12 }), asText).map(
    ([name, text]) =>
      (draft: Draft) =>
        addQuery(draft, name, text),
  ),
  fc.constant((draft: Draft) => void (draft.query = [...draft.query, ...draft.query])),
  asText.map((text) => (draft: Draft) => replaceId(draft, text)),
  fc.uuid().map((text) => (draft: Draft) => replaceId(draft, text)),
  entityTags.map((text) => (draft: Draft) => void (draft.headers = { ...draft.headers, 'if-match': { text } })),
  entityTags.map((text) => (draft: Draft) => void (draft.headers = { ...draft.headers, 'if-none-match': { text } })),
  fc
    .tuple(
      fc.constantFrom(
        'accept',
        'x-request-id',
        'user-agent',
        'content-encoding',
        'origin',
        'x-forwarded-for',
        'cookie',
        'x-http-method-override',
      ),
      headerText,
    )
    .map(
      ([name, text]) =>
        (draft: Draft) =>
          void (draft.headers = { ...draft.headers, [name]: { text } }),
    ),
  fc
    .constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE')
    .map((method) => (draft: Draft) => void (draft.method = method)),
  fc
    .constantFrom('stranger' as const, 'forged' as const)
    .map((caller) => (draft: Draft) => void (draft.caller = caller)),
  fc
    .constantFrom('/', '//', '/x', '%00', '%', '.json', ';a=b', '?')
    .map((end) => (draft: Draft) => void (draft.template += end)),
);

function fieldsOf({ body }: Draft): Record<string, unknown> | undefined {
  const json = body && 'json' in body ? body.json : undefined;
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : undefined;
}

function replaceField(draft: Draft, at: number, value: unknown): void {
  const fields = fieldsOf(draft);
  const name = fields && Object.keys(fields)[at % Object.keys(fields).length];
  if (fields && name !== undefined) draft.body = { json: { ...fields, [name]: value } };
}

function removeField(draft: Draft, at: number): void {
  const fields = fieldsOf(draft);
  const name = fields && Object.keys(fields)[at % Object.keys(fields).length];
  if (!fields || name === undefined) return;
  delete fields[name];
  draft.body = { json: fields };
}

function addField(draft: Draft, key: string, value: unknown): void {
  const fields = fieldsOf(draft);
  if (fields) draft.body = { json: { ...fields, [key]: value } };
}

function cutBody(draft: Draft, end: number): void {
  if (draft.body && 'json' in draft.body) {
    draft.body = { raw: (JSON.stringify(draft.body.json) ?? '').slice(0, end), type: 'application/json' };
  }
}

function replaceQuery(draft: Draft, at: number, text: string): void {
  draft.query = draft.query.map((pair, index) => (index === at % draft.query.length ? [pair[0], { text }] : pair));
}

function addQuery(draft: Draft, name: string, text: string): void {
  draft.query = [...draft.query, [name, { text }]];
}

function replaceId(draft: Draft, text: string): void {
  draft.path = Object.fromEntries(Object.keys(draft.path).map((name) => [name, { text }]));
}
