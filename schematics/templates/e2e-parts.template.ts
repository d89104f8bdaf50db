import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { newBody } from './factory.template.ts';
import { takenCode } from './service.template.ts';
import { lines } from './text.ts';

/** Pages, orders, search and filters. */
export function listTests(model: ModuleModel): string {
  const { names, sortable, filters, searchable, isPublic, isReadOwned, isAdminOnly } = model;
  const { Class } = names;
  const path = `/api/v1/${names.files}`;
  const orders = ['createdAt', 'updatedAt', ...sortable.map((field) => field.property)];
  const lister = isReadOwned ? 'app.client.as(owner)' : isPublic ? 'app.client' : 'client';
  // A reference that the factory leaves out has no value to look for.
  const empty = filters.filter(({ field }) => field.target && field.isOptionalInput);
  const filled = filters.filter((filter) => !empty.includes(filter));
  const user = isAdminOnly ? 'signedInAdmin' : 'signedInUser';
  const search = searchable[0];
  const text = search && sampleLiteral(search).slice(1, -1);
  return lines(
    `  describe('list', () => {
    it.each([${orders.map((order) => `'${order}'`).join(', ')}])('pages by %s without skipping or repeating', async (sort) => {
      const owner = await ${user}(app);
      const made: string[] = [];
      for (let count = 0; count < 3; count++) made.push((await create${Class}(app, owner)).id);
      for (const order of [sort, \`-\${sort}\`]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const query: Record<string, string | number> = { limit: 2, sort: order, ...(cursor !== null && { cursor }) };
          const { body } = await ${lister}.get<Page<${Class}>>('${path}', { query });
          seen.push(...body.data.map(({ id }) => id));
          cursor = body.page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(expect.arrayContaining(made));
        expect(new Set(seen).size).toBe(seen.length);
      }
    });

    it('counts only with include=total', async () => {
      const owner = await ${user}(app);
      await create${Class}(app, owner);
      const { body } = await ${lister}.get<Page<${Class}>>('${path}', { query: { include: 'total' } });
      expect(body.page.total).toBeGreaterThanOrEqual(1);
      expect((await ${lister}.get<Page<${Class}>>('${path}')).body.page).not.toHaveProperty('total');
    });

    it('answers 400 to a query key, a sort or a limit that it does not know', async () => {
      const queries: Record<string, string | number>[] = [{ colour: 'red' }, { sort: 'version' }, { limit: 101 }];
      for (const query of queries) {
        expect((await client.get('${path}', { query })).status).toBe(400);
      }
    });`,
    search &&
      text !== undefined &&
      `
    it('finds text without case, and % only where it is written', async () => {
      const owner = await ${user}(app);
      const { id } = await create${Class}(app, owner, { ${search.property}: ${sampleLiteral(search)} });
      const found = async (q: string) => {
        const { body } = await ${lister}.get<Page<${Class}>>('${path}', { query: { q, limit: 100 } });
        return body.data.map((${names.variable}) => ${names.variable}.id);
      };
      expect(await found(${JSON.stringify(text.toUpperCase())}.toLowerCase())).toContain(id);
      expect(await found('%')).not.toContain(id);
    });`,
    filled.length > 0 &&
      `
    it.each([${filled.map(({ name }) => `'${name}'`).join(', ')}])('is narrowed down by %s', async (key) => {
      const owner = await ${user}(app);
      const { id, ...${names.variable} } = await create${Class}(app, owner, ${filledValues(model)});
      const values: Record<string, unknown> = { ${filled.map(filterValue(names.variable)).join(', ')} };
      const query = { [key]: String(values[key]), limit: 100 };
      const { status, body } = await ${lister}.get<Page<${Class}>>('${path}', { query });
      expect(status).toBe(200);
      expect(body.data.map((found) => found.id)).toContain(id);
    });`,
    empty.length > 0 &&
      `
    it.each([${empty.map(({ name }) => `'${name}'`).join(', ')}])('is empty by a %s that nothing has', async (key) => {
      const { body } = await client.get<Page<${Class}>>('${path}', { query: { [key]: missing } });
      expect(body.data).toEqual([]);
    });`,
    '  });\n',
  );
}

/** Fields that a creation may leave out are needed to filter by them. */
function filledValues({ filters }: ModuleModel): string {
  const fields = new Set(
    filters.map((filter) => filter.field).filter((field) => field.isOptionalInput && !field.target),
  );
  return `{ ${[...fields].map((field) => `${field.property}: ${sampleLiteral(field)}`).join(', ')} }`;
}

function filterValue(variable: string) {
  return ({ name, field }: ModuleModel['filters'][number]): string => {
    const value = `${variable}.${field.property}`;
    return `${name}: ${field.type === 'list' ? `${value}[0]` : value}`;
  };
}

export function referenceTests(model: ModuleModel): string | undefined {
  const { names, refs } = model;
  const checked = refs.map((field) => `'${field.property}'`).join(', ');
  if (refs.length === 0) return undefined;
  const body = newBody(model);
  return `  it.each([${checked}])('answers 400 to a %s that leads nowhere', async (field) => {
    const { body } = await client.post('/api/v1/${names.files}', { ...(${body}), [field]: missing });
    expect(body).toMatchObject({ status: 400, errors: [{ field, code: 'unknown_reference' }] });
    const { id } = await create${names.Class}(app, ada);
    expect((await client.patch(\`/api/v1/${names.files}/\${id}\`, { [field]: missing }, ifMatch('"1"'))).status).toBe(400);
  });
`;
}

export function uniqueTests({ names, unique }: ModuleModel): string | undefined {
  const testable = unique.filter((field) => !field.isOptionalInput && !field.target);
  if (testable.length === 0) return undefined;
  const { Class } = names;
  const path = `/api/v1/${names.files}`;
  const cases = testable.map((field) => `['${field.property}', '${takenCode(field)}'] as const`).join(', ');
  return `  it.each([${cases}])('answers 409 to a %s that is taken', async (field, code) => {
    const first = await create${Class}(app, ada);
    const second = await create${Class}(app, ada);
    const { id } = second;
    const taken = { [field]: first[field] };
    const answer = await client.patch(\`${path}/\${id}\`, taken, ifMatch('"1"'));
    expect(answer.body).toMatchObject({ status: 409, code });
    await client.delete(\`${path}/\${first.id}\`);
    expect((await client.patch(\`${path}/\${id}\`, taken, ifMatch('"1"'))).status).toBe(200);
    expect((await client.post(\`${path}/\${first.id}/restore\`)).body).toMatchObject({ status: 409, code });
  });
`;
}

/** 401, and what strangers get. */
export function accessTests(model: ModuleModel): string {
  const { names, hasOwner, isReadOwned, isPublic, isAdminOnly } = model;
  const path = `/api/v1/${names.files}`;
  const reads = [`['GET', '${path}']`, `['GET', \`${path}/\${missing}\`]`];
  const writes = [
    `['POST', '${path}']`,
    `['PATCH', \`${path}/\${missing}\`]`,
    `['DELETE', \`${path}/\${missing}\`]`,
    `['POST', \`${path}/\${missing}/restore\`]`,
  ];
  const closed = isPublic ? writes : [...reads, ...writes];
  return lines(
    `  it.each([${closed.join(', ')}])('answers 401 without a token: %s %s', async (method, path) => {
    expect((await app.client.request(method, path)).status).toBe(401);
  });`,
    isPublic &&
      `
  it('lets anyone read', async () => {
    const { id } = await create${names.Class}(app, ada);
    expect((await app.client.get(\`${path}/\${id}\`)).status).toBe(200);
    expect((await app.client.get('${path}')).status).toBe(200);
  });`,
    isAdminOnly &&
      `
  it.each([${closed.join(', ')}])('answers 403 to a user who is no administrator: %s %s', async (method, path) => {
    expect((await app.client.as(await signedInUser(app)).request(method, path)).status).toBe(403);
  });`,
    hasOwner && strangerTests(model, isReadOwned),
  );
}

function strangerTests({ names }: ModuleModel, isReadOwned: boolean): string {
  const path = `/api/v1/${names.files}`;
  return lines(
    `
  it("answers 404 to whoever would change another user's ${names.singular}", async () => {
    const { id } = await create${names.Class}(app, ada);
    const stranger = app.client.as(await signedInUser(app));
    expect((await stranger.patch(\`${path}/\${id}\`, {}, ifMatch('"1"'))).status).toBe(404);
    expect((await stranger.patch(\`${path}/\${id}\`, {})).status).toBe(404);
    expect((await stranger.delete(\`${path}/\${id}\`)).status).toBe(404);
    expect((await stranger.post(\`${path}/\${id}/restore\`)).status).toBe(404);
    expect((await client.get<${names.Class}>(\`${path}/\${id}\`)).body.version).toBe(1);`,
    isReadOwned &&
      `    expect((await stranger.get(\`${path}/\${id}\`)).status).toBe(404);
    expect((await stranger.get<Page<${names.Class}>>('${path}')).body.data).toEqual([]);`,
    '  });',
  );
}
