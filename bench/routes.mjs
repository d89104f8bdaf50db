/**
 * @typedef {object} Owner a user who owns items
 * @property {string} authorization header of a signed-in request
 * @property {string[]} itemIds
 * @property {string} [deepCursor] where page 5,000 of the list starts
 *
 * @typedef {object} Request
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} [body]
 * @property {number} expectedStatus
 *
 * @typedef {() => number} Random 0 up to 1
 * @typedef {(owners: Owner[], random: Random) => Request} Route
 */

const items = '/api/v1/items';

/** @type {Route} */
const health = () => ({ method: 'GET', path: '/health', headers: {}, expectedStatus: 200 });

/** @type {Route} */
const get = (owners, random) => {
  const { authorization, itemIds } = pick(owners, random);
  return { method: 'GET', path: `${items}/${pick(itemIds, random)}`, headers: { authorization }, expectedStatus: 200 };
};

/** @type {Route} */
const list = (owners, random) => {
  const { authorization } = pick(owners, random);
  return { method: 'GET', path: `${items}?limit=20`, headers: { authorization }, expectedStatus: 200 };
};

/** @type {Route} */
const create = (owners, random) => {
  const { authorization } = pick(owners, random);
  const body = JSON.stringify({
    title: `Enamel mug, batch ${Math.floor(random() * 1e6)}`,
    description: 'Holds 0.35 litres, white with a blue rim, safe for dishwashers and open fires.',
    price: `${Math.floor(random() * 90) + 10}.99`,
    quantity: Math.floor(random() * 1000),
    status: 'active',
    tags: ['kitchen', 'enamel'],
  });
  const headers = { authorization, 'content-type': 'application/json' };
  return { method: 'POST', path: items, headers, body, expectedStatus: 201 };
};

/** @type {Route} */
const mix = (owners, random) => {
  const draw = random();
  if (draw < 0.8) return get(owners, random);
  return draw < 0.95 ? list(owners, random) : create(owners, random);
};

/** @type {Route} */
const deepFirst = (owners) => deepPage(owners[0], '');

/** @type {Route} */
const deepLast = (owners) => deepPage(owners[0], `&cursor=${owners[0]?.deepCursor}`);

/**
 * @param {Owner | undefined} owner
 * @param {string} cursor
 * @returns {Request}
 */
function deepPage(owner, cursor) {
  const headers = { authorization: owner?.authorization ?? '' };
  return { method: 'GET', path: `${items}?limit=20${cursor}`, headers, expectedStatus: 200 };
}

/**
 * @template T
 * @param {T[]} values not empty
 * @param {Random} random
 * @returns {T}
 */
function pick(values, random) {
  return /** @type {T} */ (values[Math.floor(random() * values.length)]);
}

/** What is measured by default; mix is 80 % get, 15 % list, 5 % create. */
const everyday = { health, get, list, create, mix };

/** Pages of the user with the most items, for --scale. */
const deep = { 'page 1': deepFirst, 'page 5000': deepLast };

/** @type {Record<string, Route>} */
export const routes = { ...everyday, ...deep };

export const routeNames = Object.keys(everyday);
export const deepRouteNames = Object.keys(deep);
