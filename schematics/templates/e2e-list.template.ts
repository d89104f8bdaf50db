import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { parentPathName } from './factory.template.ts';
import { specPaths } from './spec-paths.ts';
import { lines } from './text.ts';

/** Pages, orders, search and filters. */
export function listTests(model: ModuleModel): string {
  const { names, parent, sortable, filters, searchable, isPublic, isReadOwned, isAdminOnly } = model;
  const { Class } = names;
  const { list } = specPaths(model);
  // Each owner looks at rows of their own.
  const at = parent ? ', path' : '';
  const made = parent ? ', {}, path' : '';
  const owner = (user: string) =>
    `const owner = await ${user}(app);${parent ? `\n      const path = await ${parentPathName(model)}(app, owner);` : ''}`;
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
      ${owner(user)}
      const made: string[] = [];
      for (let count = 0; count < 3; count++) made.push((await create${Class}(app, owner${made})).id);
      for (const order of [sort, \`-\${sort}\`]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const query: Record<string, string | number> = { limit: 2, sort: order, ...(cursor !== null && { cursor }) };
          const { body } = await ${lister}.get<Page<${Class}>>(${list}, { query });
          seen.push(...body.data.map(({ id }) => id));
          cursor = body.page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(expect.arrayContaining(made));
        expect(new Set(seen).size).toBe(seen.length);
      }
    });

    it('counts only with include=total', async () => {
      ${owner(user)}
      await create${Class}(app, owner${made});
      const { body } = await ${lister}.get<Page<${Class}>>(${list}, { query: { include: 'total' } });
      expect(body.page.total).toBeGreaterThanOrEqual(1);
      expect((await ${lister}.get<Page<${Class}>>(${list})).body.page).not.toHaveProperty('total');
    });

    it('answers 400 to a query key, a sort or a limit that it does not know', async () => {
      const queries: Record<string, string | number>[] = [{ 'no such key': 'x' }, { sort: 'version' }, { limit: 101 }];
      for (const query of queries) {
        expect((await client.get(${list}, { query })).status).toBe(400);
      }
    });`,
    search &&
      text !== undefined &&
      `
    it('finds text without case, and % only where it is written', async () => {
      ${owner(user)}
      const { id } = await create${Class}(app, owner, { ${search.property}: ${sampleLiteral(search)} }${at});
      const found = async (q: string) => {
        const { body } = await ${lister}.get<Page<${Class}>>(${list}, { query: { q, limit: 100 } });
        return body.data.map((${names.variable}) => ${names.variable}.id);
      };
      expect(await found(${JSON.stringify(text.toUpperCase())}.toLowerCase())).toContain(id);
      expect(await found('%')).not.toContain(id);
    });`,
    filled.length > 0 &&
      `
    it.each([${filled.map(({ name }) => `'${name}'`).join(', ')}])('is narrowed down by %s', async (key) => {
      ${owner(user)}
      const { id, ...${names.variable} } = await create${Class}(app, owner, ${filledValues(model)}${at});
      const values: Record<string, unknown> = { ${filled.map(filterValue(names.variable)).join(', ')} };
      const query = { [key]: String(values[key]), limit: 100 };
      const { status, body } = await ${lister}.get<Page<${Class}>>(${list}, { query });
      expect(status).toBe(200);
      expect(body.data.map((found) => found.id)).toContain(id);
    });`,
    empty.length > 0 &&
      `
    it.each([${empty.map(({ name }) => `'${name}'`).join(', ')}])('is empty by a %s that nothing has', async (key) => {
      const { body } = await client.get<Page<${Class}>>(${list}, { query: { [key]: missing } });
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
