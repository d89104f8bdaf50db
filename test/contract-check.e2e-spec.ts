import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpClient } from './support/client.js';
import { ContractCheck } from './support/contract-check.js';
import type { OpenApi } from './support/openapi-index.js';

interface StubAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const requestId = 'request-1';
const fixedHeaders = {
  'x-request-id': requestId,
  'x-process-time': '0.000123',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'self';base-uri 'self'",
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'geolocation=(), microphone=(), camera=()',
  'cache-control': 'no-store',
};
const problem = {
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'There is no such resource.',
  instance: `urn:request:${requestId}`,
  code: 'not_found',
  requestId,
};
const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

const document: OpenApi = {
  paths: {
    '/api/v1/things': {
      post: {
        operationId: 'thingsCreate',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NewThing' } } } },
        responses: {
          201: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
            headers: { Location: { required: true, schema: { type: 'string', pattern: '^/api/' } } },
          },
        },
      },
    },
    '/api/v1/things/{id}': {
      get: {
        operationId: 'thingsGet',
        parameters: [{ name: 'include', in: 'query' }],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          404: { content: problemContent },
        },
      },
      delete: { operationId: 'thingsRemove', responses: { 204: {}, 401: { content: problemContent } } },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        properties: { id: { type: 'string' }, madeAt: { type: 'string', format: 'date-time' } },
        required: ['id'],
      },
      NewThing: {
        type: 'object',
        properties: { id: { type: 'string' } },
        required: ['id'],
        additionalProperties: false,
      },
      Problem: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
    },
  },
};

describe('ContractCheck', () => {
  let server: Server;
  let client: HttpClient;
  let answer: StubAnswer;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    client = new HttpClient(`http://127.0.0.1:${port}`, new ContractCheck(document));
  });
  afterAll(async () => {
    client.close();
    server.close();
    await once(server, 'close');
  });

  const json = (body: object, changes: Partial<StubAnswer> = {}): StubAnswer => ({
    status: 200,
    body: JSON.stringify(body),
    ...changes,
    headers: { ...fixedHeaders, 'content-type': 'application/json; charset=utf-8', ...changes.headers },
  });
  const refusal = (members: object = {}, headers: Record<string, string> = {}, status = 404): StubAnswer =>
    json(
      { ...problem, status, ...members },
      { status, headers: { 'content-type': 'application/problem+json', ...headers } },
    );
  const without = (name: string, of: StubAnswer): StubAnswer => {
    const { [name]: _, ...headers } = of.headers;
    return { ...of, headers };
  };
  const thing = { id: '1' };
  const read = (path = '/api/v1/things/1') => client.get<typeof thing>(path);

  it('lets through what is documented', async () => {
    answer = json(thing);
    expect((await read()).body).toEqual(thing);
    expect((await read('/api/v1/things/1?include=all')).body).toEqual(thing);
    answer = refusal();
    expect((await read()).status).toBe(404);
    answer = refusal({}, {}, 404);
    expect((await client.get('/nowhere')).status).toBe(404);
    answer = { status: 204, headers: fixedHeaders, body: '' };
    expect((await client.delete('/api/v1/things/1')).status).toBe(204);
    answer = json(thing, { status: 201, headers: { location: '/api/v1/things/1' } });
    expect((await client.post('/api/v1/things', { id: '1' })).status).toBe(201);
  });

  it.each([
    ['another type', () => json({ id: 1 }), 'must be string'],
    ['a property too few', () => json({}), 'required property'],
    ['a property too many', () => json({ id: '1', owner: 'ada' }), 'additional properties'],
    ['a bad time', () => json({ id: '1', madeAt: 'yesterday' }), 'format "date-time"'],
    ['another content type', () => json(thing, { headers: { 'content-type': 'text/html' } }), 'text/html'],
    ['an undocumented status', () => refusal({}, {}, 409), 'does not document 409'],
    ['a 5xx', () => refusal({}, { 'retry-after': '1' }, 503), 'no fault is injected'],
    ['a password hash', () => json({ id: '$argon2id$v=19$x' }), '$argon2'],
    ['a bcrypt hash', () => json({ id: '$2b$10$x' }), '$2b$'],
    ['the name of a secret', () => json({ id: '1', passwordHash: 'x' }), 'passwordHash'],
    ['X-Powered-By', () => json(thing, { headers: { 'x-powered-by': 'Express' } }), 'X-Powered-By'],
    ['user data that may be kept', () => json(thing, { headers: { 'cache-control': 'public' } }), 'no-store'],
    ['an error that is no problem', () => json({ message: 'no' }, { status: 404 }), 'content type'],
    ['a problem with another status', () => refusal({ status: 400 }), 'problem says status 400'],
    ['a problem without code', () => refusal({ code: undefined }), 'problem without code'],
    ['a code in camelCase', () => refusal({ code: 'notFound' }), 'snake_case'],
    ['another request id', () => refusal({ requestId: 'other' }), 'requestId is not X-Request-ID'],
    ['another instance', () => refusal({ instance: '/api/v1/things/1' }), 'instance'],
    ['a fault list that is none', () => refusal({ errors: [] }), 'errors'],
    ['a fault without field', () => refusal({ errors: [{ code: 'x', message: 'x' }] }), 'bad entry'],
    ['a stack', () => refusal({ detail: 'Error\n at Object.get (/srv/app/dist/main.js:1:1)' }), 'inside'],
    ['SQL', () => refusal({ detail: 'SELECT id FROM things' }), 'inside'],
    ['a constraint', () => refusal({ detail: 'violates users_email_key_unique' }), 'inside'],
    ['the path', () => refusal({ detail: 'Cannot GET /api/v1/things/1' }), 'repeats the input'],
    ['a 401 without challenge', () => refusal({}, {}, 401), 'www-authenticate'],
  ])('fails the request that is answered by %s', async (_what, make, words) => {
    answer = make();
    await expect(read()).rejects.toThrow(words);
  });

  it.each(Object.keys(fixedHeaders).filter((name) => name !== 'cache-control'))(
    'fails the request whose answer lacks %s',
    async (name) => {
      answer = without(name, json(thing));
      await expect(read()).rejects.toThrow(name);
    },
  );

  it('fails what is answered although it is not documented', async () => {
    answer = json(thing);
    await expect(read('/api/v1/others')).rejects.toThrow('not documented');
    await expect(client.patch('/api/v1/things/1', {})).rejects.toThrow('not documented');
    await expect(read('/api/v1/things/1?secret=1')).rejects.toThrow('query key secret');
    await expect(client.delete('/api/v1/things/1')).rejects.toThrow('does not document 200');
    answer = json(thing, { status: 201 });
    await expect(client.post('/api/v1/things', thing)).rejects.toThrow('lacks the header Location');
    answer = json(thing, { status: 201, headers: { location: 'elsewhere' } });
    await expect(client.post('/api/v1/things', thing)).rejects.toThrow('header Location');
    answer = json(thing, { status: 201, headers: { location: '/api/v1/things/1' } });
    await expect(client.post('/api/v1/things', { id: 1 })).rejects.toThrow('took a bad request');
    await expect(client.post('/api/v1/things', 'id=1')).rejects.toThrow('took a body of type');
  });

  it('lets a 5xx through where a fault is injected, if it is a problem', async () => {
    answer = refusal({}, { 'retry-after': '1' }, 503);
    expect((await client.get('/api/v1/things/1', { allow5xx: true })).status).toBe(503);
    answer = refusal({}, {}, 503);
    await expect(client.get('/api/v1/things/1', { allow5xx: true })).rejects.toThrow('retry-after');
    answer = json({ message: 'Internal server error' }, { status: 500 });
    await expect(client.get('/api/v1/things/1', { allow5xx: true })).rejects.toThrow('content type');
  });
});
