import { article } from '../definition/names.ts';
import { isParentOwned } from '../model/parent.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { newBody, parentPathName } from './factory.template.ts';
import { takenCode } from './service-parts.template.ts';
import { missingPaths, specPaths } from './spec-paths.ts';
import { lines } from './text.ts';

export function referenceTests(model: ModuleModel): string | undefined {
  const { names, refs } = model;
  const { path, list } = specPaths(model);
  const checked = refs.map((field) => `'${field.property}'`).join(', ');
  if (refs.length === 0) return undefined;
  const body = newBody(model);
  return `  it.each([${checked}])('answers 400 to a %s that leads nowhere', async (field) => {
    const { body } = await client.post(${list}, { ...(${body}), [field]: missing });
    expect(body).toMatchObject({ status: 400, errors: [{ field, code: 'unknown_reference' }] });
    const { id } = await create${names.Class}(app, ada${below(model)});
    expect((await client.patch(\`${path}/\${id}\`, { [field]: missing }, ifMatch('"1"'))).status).toBe(400);
  });
`;
}

export function uniqueTests(model: ModuleModel): string | undefined {
  const { names, unique } = model;
  const testable = unique.filter((field) => !field.isOptionalInput && !field.target);
  if (testable.length === 0) return undefined;
  const { Class } = names;
  const { path } = specPaths(model);
  const cases = testable.map((field) => `['${field.property}', '${takenCode(field)}'] as const`).join(', ');
  return `  it.each([${cases}])('answers 409 to a %s that is taken', async (field, code) => {
    const first = await create${Class}(app, ada${below(model)});
    const second = await create${Class}(app, ada${below(model)});
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

/** Where a row of a spec is made. */
function below({ parent }: ModuleModel): string {
  return parent ? ', {}, path' : '';
}

/** The parent is part of the address. */
export function parentTests(model: ModuleModel): string | undefined {
  const { names, parent } = model;
  if (!parent) return undefined;
  const parentText = `${article(parent.names.singular)} ${parent.names.singular}`;
  return `  it('answers 404 below ${parentText} that is not there', async () => {
    const nowhere = ${missingPaths(model).list};
    const { id } = await create${names.Class}(app, ada${below(model)});
    expect((await client.post(nowhere, ${newBody(model)})).status).toBe(404);
    expect((await client.get(nowhere)).status).toBe(404);
    expect((await client.get(\`\${nowhere}/\${id}\`)).status).toBe(404);
  });

  it('answers 404 below another ${parent.names.singular}', async () => {
    const { id } = await create${names.Class}(app, ada${below(model)});
    const other = await ${parentPathName(model)}(app, ada);
    expect((await client.get<Page<${names.Class}>>(other)).body.data).toEqual([]);
    expect((await client.get(\`\${other}/\${id}\`)).status).toBe(404);
    expect((await client.patch(\`\${other}/\${id}\`, {}, ifMatch('"1"'))).status).toBe(404);
    expect((await client.delete(\`\${other}/\${id}\`)).status).toBe(404);
  });
`;
}

/** 401, and what strangers get. */
export function accessTests(model: ModuleModel): string {
  const { names, hasOwner, isReadOwned, isPublic, isAdminOnly } = model;
  const { path, list } = missingPaths(model);
  const own = specPaths(model);
  const reads = [`['GET', ${list}]`, `['GET', \`${path}/\${missing}\`]`];
  const writes = [
    `['POST', ${list}]`,
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
    const { id } = await create${names.Class}(app, ada${below(model)});
    expect((await app.client.get(\`${own.path}/\${id}\`)).status).toBe(200);
    expect((await app.client.get(${own.list})).status).toBe(200);
  });`,
    isAdminOnly &&
      `
  it.each([${closed.join(', ')}])('answers 403 to a user who is no administrator: %s %s', async (method, path) => {
    expect((await app.client.as(await signedInUser(app)).request(method, path)).status).toBe(403);
  });`,
    hasOwner && strangerTests(model, isReadOwned),
  );
}

function strangerTests(model: ModuleModel, isReadOwned: boolean): string {
  const { names } = model;
  const { path, list } = specPaths(model);
  return lines(
    `
  it("answers 404 to whoever would change another user's ${names.singular}", async () => {
    const { id } = await create${names.Class}(app, ada${below(model)});
    const stranger = app.client.as(await signedInUser(app));
    expect((await stranger.patch(\`${path}/\${id}\`, {}, ifMatch('"1"'))).status).toBe(404);
    expect((await stranger.patch(\`${path}/\${id}\`, {})).status).toBe(404);
    expect((await stranger.delete(\`${path}/\${id}\`)).status).toBe(404);
    expect((await stranger.post(\`${path}/\${id}/restore\`)).status).toBe(404);
    expect((await client.get<${names.Class}>(\`${path}/\${id}\`)).body.version).toBe(1);`,
    isReadOwned &&
      `    expect((await stranger.get(\`${path}/\${id}\`)).status).toBe(404);
    ${isParentOwned(model) ? `expect((await stranger.get(${list})).status).toBe(404)` : `expect((await stranger.get<Page<${names.Class}>>(${list})).body.data).toEqual([])`};`,
    '  });',
  );
}
