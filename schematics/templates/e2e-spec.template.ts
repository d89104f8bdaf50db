import type { FieldModel } from '../model/field-model.ts';
import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { one } from './dto.template.ts';
import { accessTests, parentTests, referenceTests, uniqueTests } from './e2e-parts.template.ts';
import { listTests } from './e2e-list.template.ts';
import { newBody, parentPathName, requiredFields } from './factory.template.ts';
import { specPaths } from './spec-paths.ts';
import { lines } from './text.ts';

/** test/<plural>.e2e-spec.ts: through HTTP, on a real database. */
export function e2eSpecTemplate(model: ModuleModel): string {
  const { names, fields, parent, isAdminOnly, isPublic } = model;
  const { Class, variable, file } = names;
  const { path, list } = specPaths(model);
  const create = `create${Class}(app, ada${parent ? ', {}, path' : ''})`;
  const body = newBody(model);
  const required = requiredFields(model).map((field) => `'${field.property}'`);
  const change = changeOf(model);
  const users = [isAdminOnly && 'signedInAdmin', 'signedInUser', 'type SignedInUser'].filter((name) => name !== false);
  const reader = isPublic ? 'app.client' : 'client';
  return lines(
    `import { create${Class}, new${Class}${parent ? `, ${parentPathName(model)}` : ''} } from './factories/${file}.factory.js';
import { ${users.join(', ')} } from './factories/user.factory.js';
import type { ${Class}, Page } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { HttpClient } from './support/client.js';

const missing = '019a0000-0000-7000-8000-000000000000';
const ifMatch = (tag: string) => ({ headers: { 'if-match': tag } });

describe('${names.plural}', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let client: HttpClient;${parent ? '\n  let path: string;' : ''}

  beforeAll(async () => {
    app = await startTestApp();
    ada = await signedIn${isAdminOnly ? 'Admin' : 'User'}(app);
    client = app.client.as(ada);${parent ? `\n    path = await ${parentPathName(model)}(app, ada);` : ''}
  });
  afterAll(() => app.close());

  describe('create', () => {
    it('answers 201 with Location and ETag', async () => {
      const body = ${body};
      const answer = await client.post<${Class}>(${list}, body);
      expect(answer).toMatchObject({ status: 201, body: { ...body, version: 1 } });
      expect(answer.headers).toMatchObject({ location: \`${path}/\${answer.body.id}\`, etag: '"1"' });
      expect((await ${reader}.get<${Class}>(\`${path}/\${answer.body.id}\`)).body).toEqual(answer.body);
    });
`,
    required.length > 0 &&
      `    it('answers 400 that names every field that is missing', async () => {
      const { status, body } = await client.post(${list}, {});
      expect(status).toBe(400);
      expect(new Set(body.errors?.map((fault) => fault.field))).toEqual(new Set([${required.join(', ')}]));
    });
`,
    fields.length > 0 &&
      `    it.each([${fields.map((field) => `['${field.property}', ${wrongLiteral(field)}]`).join(', ')}])('answers 400 to a wrong %s', async (field, value) => {
      const answer = await client.post(${list}, { ...(${body}), [field]: value });
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.every((fault) => fault.field.startsWith(field))).toBe(true);
    });
`,
    `    it('answers 400 to a property that it does not know', async () => {
      const { body } = await client.post(${list}, { ...(${body}), version: 7 });
      expect(body).toMatchObject({ status: 400, errors: [{ field: 'version', code: 'unknown_property' }] });
    });
  });
`,
    parentTests(model),
    referenceTests(model),
    uniqueTests(model),
    listTests(model),
    `  describe('read', () => {
    it('answers 304 when If-None-Match holds the ETag', async () => {
      const ${variable} = await ${create};
      const answer = await ${reader}.get(\`${path}/\${${variable}.id}\`, { headers: { 'if-none-match': '"1"' } });
      expect(answer).toMatchObject({ status: 304, text: '' });
    });

    it('answers 404 for one that is not there, 400 for an id that is none', async () => {
      expect((await ${reader}.get(\`${path}/\${missing}\`)).status).toBe(404);
      expect((await ${reader}.get(\`${path}/1\`)).status).toBe(400);
    });
  });

  describe('update', () => {
    it('changes what is sent and leaves the rest', async () => {
      const ${variable} = await ${create};
      const changes = ${change};
      const answer = await client.patch<${Class}>(\`${path}/\${${variable}.id}\`, changes, ifMatch('"1"'));
      const { updatedAt } = answer.body;
      expect(answer).toMatchObject({ status: 200, headers: { etag: '"2"' } });
      expect(answer.body).toEqual({ ...${variable}, ...changes, version: 2, updatedAt });
    });

    it('answers 412 to a stale If-Match and 428 without one', async () => {
      const { id } = await ${create};
      const changes = ${change};
      await client.patch(\`${path}/\${id}\`, changes, ifMatch('"1"'));
      expect((await client.patch(\`${path}/\${id}\`, changes, ifMatch('"1"'))).status).toBe(412);
      expect((await client.patch(\`${path}/\${id}\`, changes)).status).toBe(428);
    });

    it('answers 404 for one that is not there', async () => {
      expect((await client.patch(\`${path}/\${missing}\`, {}, ifMatch('*'))).status).toBe(404);
    });
  });

  describe('delete', () => {
    it('hides ${one(names)} until it is restored', async () => {
      const { id } = await ${create};
      expect((await client.delete(\`${path}/\${id}\`)).status).toBe(204);
      expect((await ${reader}.get(\`${path}/\${id}\`)).status).toBe(404);
      expect((await client.delete(\`${path}/\${id}\`)).status).toBe(404);
      expect(await client.post<${Class}>(\`${path}/\${id}/restore\`)).toMatchObject({ status: 200, body: { id } });
      expect((await ${reader}.get(\`${path}/\${id}\`)).status).toBe(200);
    });

    it('answers 412 to a stale If-Match', async () => {
      const { id } = await ${create};
      expect((await client.delete(\`${path}/\${id}\`, ifMatch('"9"'))).status).toBe(412);
    });
  });
`,
    accessTests(model),
    '});',
  );
}

/** A change that differs from what the factory makes; of a unique field each time another. */
function changeOf(model: ModuleModel): string {
  const isFree = (field: FieldModel) =>
    !field.unique && !field.target && sampleLiteral(field, 2) !== sampleLiteral(field);
  const free = model.fields.find(isFree);
  if (free) return `{ ${free.property}: ${sampleLiteral(free, 2)} }`;
  const unique = requiredFields(model).find((field) => field.unique && !field.target);
  return unique ? `{ ${unique.property}: (${newBody(model)}).${unique.property} }` : '{}';
}

/** A value of the wrong type. */
function wrongLiteral({ type }: FieldModel): string {
  return type === 'list' || type === 'json' ? `'text'` : '[]';
}
