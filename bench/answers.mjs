import assert from 'node:assert/strict';
import { routes } from './routes.mjs';

const neverEqual = ['id', 'createdAt', 'updatedAt'];

/**
 * Makes sure that the programs are comparable: the same answers from the same database.
 * @param {{ name: string, url: string }[]} programs
 * @param {import('./routes.mjs').Owner[]} owners
 * @throws AssertionError that names the program that differs from the first one
 */
export async function checkSameAnswers(programs, owners) {
  for (const [name, comparable] of Object.entries(comparables)) {
    const [first, ...others] = await Promise.all(
      programs.map(async (program) => comparable(await ask(program.url, name, owners))),
    );
    for (const [i, other] of others.entries()) {
      assert.deepEqual(other, first, `${programs[i + 1]?.name} answers ${name} unlike ${programs[0]?.name}`);
    }
  }
}

/**
 * What must be equal, for each route.
 * @type {Record<string, (body: any) => unknown>}
 */
const comparables = {
  get: (item) => item,
  // Cursors are opaque; each program has its own kind.
  list: ({ data, page }) => ({ data, page: { ...page, nextCursor: typeof page.nextCursor } }),
  create: (item) =>
    Object.entries(item)
      .filter(([key]) => !neverEqual.includes(key))
      .sort(),
};

/**
 * @param {string} url
 * @param {string} routeName
 * @param {import('./routes.mjs').Owner[]} owners
 */
async function ask(url, routeName, owners) {
  const { expectedStatus, path, ...request } = /** @type {import('./routes.mjs').Route} */ (routes[routeName])(
    owners,
    () => 0.5,
  );
  const answer = await fetch(url + path, request);
  const text = await answer.text();
  assert.equal(answer.status, expectedStatus, `${url}${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
