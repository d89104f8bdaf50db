import { existsSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenAPIObject, OperationObject, ResponseObject } from '@nestjs/swagger';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { startTestApp, type TestApp } from './support/app.js';
import { killProducts, Product } from './support/server-process.js';

interface Operation extends OperationObject {
  readonly name: string;
}

describe('API documentation', () => {
  let app: TestApp;
  let document: OpenAPIObject;
  let operations: Operation[];

  beforeAll(async () => {
    app = await startTestApp();
    document = (await (await fetch(`${app.url}/openapi.json`)).json()) as OpenAPIObject;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, OperationObject>).map(([method, operation]) => ({
        ...operation,
        name: `${method.toUpperCase()} ${path}`,
      })),
    );
  }, 30_000);

  afterAll(async () => {
    await killProducts();
    await app.close();
  });

  /** The names of the operations that lack something. */
  const lacking = (has: (operation: Operation) => unknown) =>
    operations.filter((operation) => !has(operation)).map(({ name }) => name);

  describe('GET /openapi.json', () => {
    it('is valid OpenAPI 3.1', async () => {
      const result = await new Validator().validate({ ...document });
      expect(result.errors ?? []).toEqual([]);
      expect(document.openapi).toMatch(/^3\.1\./);
    });

    it('is the same from the bundle as from the modules', async () => {
      expect(existsSync('dist/bundle/process.js')).toBe(true);
      const bundled = await Product.start({ DATABASE_URL: app.databaseUrl });
      await bundled.serving();
      expect(await (await fetch(`${bundled.url}/openapi.json`)).json()).toEqual(document);
    });

    it('has JSON schemas that compile, with every reference resolved, and examples that satisfy them', () => {
      const ajv = new Ajv2020({ strict: false });
      addFormats.default(ajv);
      ajv.addSchema(document, 'openapi');
      for (const name of Object.keys(document.components?.schemas ?? {})) {
        expect(typeof ajv.compile({ $ref: `openapi#/components/schemas/${name}` })).toBe('function');
      }
      const isProblem = ajv.compile({ $ref: 'openapi#/components/schemas/Problem' });
      const examples = operations
        .flatMap(({ responses }) => Object.values(responses) as ResponseObject[])
        .flatMap((response) => {
          const problem = response.content?.['application/problem+json'];
          return problem ? [problem.example as unknown] : [];
        });
      expect(examples.length).toBeGreaterThan(operations.length);
      expect(examples.filter((example) => !isProblem(example))).toEqual([]);
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
      const components = document.components as Record<string, Record<string, unknown>>;
      expect(references.filter(([, kind, name]) => !components[kind!]?.[name!])).toEqual([]);
    });

    it('tells the title and version of the settings', () => {
      expect(document.info).toMatchObject({ title: 'Mainstay', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    });

    it('has a tag, a summary and a unique id for every operation', () => {
      const tags = document.tags?.map(({ name }) => name) ?? [];
      expect(lacking(({ tags: own }) => own?.length === 1 && tags.includes(own[0]!))).toEqual([]);
      expect(lacking(({ summary }) => summary)).toEqual([]);
      expect(lacking(({ operationId }) => /^[a-z][A-Za-z0-9]+$/.test(operationId ?? ''))).toEqual([]);
      expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
      expect(document.tags?.filter(({ name }) => ['Auth', 'Users', 'Items', 'Health'].includes(name))).toHaveLength(4);
    });

    it('documents every error as a problem and every success with its body', () => {
      const faulty = operations.flatMap(({ name, responses }) =>
        Object.entries(responses as Record<string, ResponseObject>)
          .filter(([status, { content }]) => {
            const types = Object.keys(content ?? {});
            if (Number(status) >= 400) return types.join() !== 'application/problem+json';
            return status !== '204' && status !== '304' && types.length === 0;
          })
          .map(([status]) => `${name} ${status}`),
      );
      expect(faulty).toEqual([]);
    });

    it('names the fixed headers on every answer', () => {
      expect(
        lacking(({ responses }) =>
          (Object.values(responses) as ResponseObject[]).every(
            ({ headers }) => headers?.['X-Request-ID'] && headers['X-Process-Time'],
          ),
        ),
      ).toEqual([]);
    });

    it('C3: tells the truth about who may call: without a token every private operation is 401, no public one is', async () => {
      expect(document.security).toEqual([{ bearer: [] }]);
      for (const { name, security, responses } of operations) {
        const [method, path] = name.split(' ') as [string, string];
        const url = app.url + path.replace('{id}', '01936c1e-8f2a-7c3b-9a41-5d2f7be01234');
        const { status } = await fetch(url, { method, signal: AbortSignal.timeout(5000) });
        const isPrivate = security === undefined;
        expect({ name, is401: status === 401 }).toEqual({ name, is401: isPrivate });
        if (isPrivate) expect(responses).toHaveProperty('401');
      }
    });

    it('shuts request bodies for unknown properties', () => {
      expect(document.components?.schemas?.['CreateItemDto']).toMatchObject({ additionalProperties: false });
      expect(document.components?.schemas?.['ItemDto']).not.toHaveProperty('additionalProperties');
    });

    it('is answered with 304 to a reader who has it', async () => {
      const etag = (await fetch(`${app.url}/openapi.json`)).headers.get('etag')!;
      // fetch would add no-cache, which asks for the whole answer.
      const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
      const again = await fetch(`${app.url}/openapi.json`, { headers });
      expect(again.status).toBe(304);
    });
  });

  describe('the pages', () => {
    const sourcesIn = (html: string) =>
      [...html.matchAll(/(?:src|href|spec-url)="([^"]+)"/g)].map(([, source]) => source!);

    it.each(['/docs', '/redoc'])(
      '%s and all it names come from this server, typed and with the security headers',
      async (page) => {
        const response = await fetch(app.url + page);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        const sources = sourcesIn(await response.text());
        expect(sources.length).toBeGreaterThan(2);
        for (const source of sources) {
          expect(source).toMatch(/^\//);
          const asset = await fetch(app.url + source);
          expect({ source, status: asset.status }).toEqual({ source, status: 200 });
          const types = { js: /javascript/, css: /^text\/css/, png: /^image\/png/, json: /^application\/json/ };
          expect(asset.headers.get('content-type')).toMatch(types[source.split('.').pop() as keyof typeof types]);
          expect(asset.headers.get('cache-control')).toMatch(
            source === '/openapi.json' ? /^no-cache$/ : /^public, max-age=/,
          );
          await asset.arrayBuffer();
        }
      },
    );

    it.each(['/docs', '/redoc'])('%s allows no script or style but this server’s', async (page) => {
      const policy = (await fetch(app.url + page)).headers.get('content-security-policy')!;
      expect(policy).toMatch(/^default-src 'self';/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*|script-src/);
    });

    it('serves a ReDoc that knows no foreign logo', async () => {
      expect(await (await fetch(`${app.url}/docs/assets/redoc.standalone.js`)).text()).not.toContain('cdn.redoc.ly');
    });

    it.each(['nothing.js', '..%2F..%2Fpackage.json', 'swagger-ui-bundle.js.map'])(
      'answers 404 for %s',
      async (name) => {
        const response = await fetch(`${app.url}/docs/assets/${name}`);
        expect(response.status).toBe(404);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
      },
    );
  });
});

describe('API documentation that is switched off', () => {
  it('G7: answers 404 for every one of its paths', async () => {
    const app = await startTestApp({ DOCS_ENABLED: 'false' });
    try {
      for (const path of ['/openapi.json', '/docs', '/redoc', '/docs/assets/swagger-ui.css']) {
        expect({ path, status: (await fetch(app.url + path)).status }).toEqual({ path, status: 404 });
      }
    } finally {
      await app.close();
    }
  }, 30_000);
});
