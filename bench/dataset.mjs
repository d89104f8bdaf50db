import { createSecretKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { importBuilt } from './built.mjs';
import { withClient } from './database.mjs';
import { secretKey, tokenAudience, tokenIssuer } from './programs.mjs';

/** @typedef {typeof import('../src/database/migrator.js')} Migrator */

const itemsKnownPerOwner = 20;

/**
 * Creates the product's schema in a database and fills it.
 * @param {string} url
 * @param {object} size
 * @param {number} size.users
 * @param {number} size.rows items, dealt out evenly
 * @param {number} [size.firstUserRows] items of the first user on top of his share
 */
export async function fillDatabase(url, { users, rows, firstUserRows = 0 }) {
  const { migrate } = /** @type {Migrator} */ (await importBuilt('database/migrator.js'));
  await migrate(url);
  await withClient(url, async (client) => {
    await client.query(insertUsers, [users]);
    // Indexes are built faster than they are kept up to date by millions of rows.
    const { rows: indexes } = await client.query(selectIndexes);
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    await client.query(insertItems, [rows, firstUserRows]);
    for (const { definition } of indexes) await client.query(definition);
    await client.query('VACUUM (ANALYZE) users');
    await client.query('VACUUM (ANALYZE) items');
  });
}

const insertUsers = `
  INSERT INTO users (id, username, username_key, email, email_key, password_hash)
  SELECT uuidv7(), name, name, name || '@example.com', name || '@example.com', 'unused'
  FROM generate_series(1, $1::int) n, concat('bench', n) name`;

const selectIndexes = `
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = 'items'::regclass AND NOT indisunique`;

// One item a second up to now; the id's time is the item's. Descriptions differ in length.
const insertItems = `
  WITH owners AS (SELECT array_agg(id ORDER BY id) AS ids FROM users)
  INSERT INTO items (id, owner_id, title, description, price, quantity, status, tags, version, created_at,
    updated_at)
  SELECT uuidv7(age), ids[1 + CASE WHEN n > $1 THEN 0 ELSE n % cardinality(ids) END], 'Enamel mug, batch ' || n,
    'Holds 0.35 litres, white with a blue rim.' || repeat(' Safe for dishwashers.', n % 4),
    (n % 9000 + 1000) / 100.0, n % 1000, (ARRAY['draft', 'active', 'archived'])[1 + n % 3],
    ARRAY['kitchen', 'batch-' || n % 100], 1, now() + age, now() + age
  FROM owners, generate_series(1, $1::int + $2::int) n, make_interval(secs => n - $1 - $2 - 1) age`;

/**
 * Who asks for what: every user, with a token and some of his items.
 * @param {string} url of the database
 * @returns {Promise<import('./routes.mjs').Owner[]>}
 */
export function readOwners(url) {
  return withClient(url, async (client) => {
    const { rows } = await client.query(selectOwners, [itemsKnownPerOwner]);
    return rows.map(({ id, itemIds }) => ({ authorization: `Bearer ${signToken(id)}`, itemIds }));
  });
}

const selectOwners = `
  SELECT u.id, array(SELECT i.id::text FROM items i WHERE i.owner_id = u.id ORDER BY i.created_at LIMIT $1) "itemIds"
  FROM users u ORDER BY u.id`;

const key = createSecretKey(Buffer.from(secretKey));

/**
 * An access token as the product issues it.
 * @param {string} userId
 */
function signToken(userId) {
  return jwt.sign({ type: 'access' }, key, {
    subject: userId,
    jwtid: randomUUID(),
    issuer: tokenIssuer,
    audience: tokenAudience,
    expiresIn: '1d',
  });
}

/**
 * Walks a user's list to the cursor of page 5,000 at 20 items a page, in longer steps.
 * @param {string} origin
 * @param {string} authorization of a user with more than 100,000 items
 */
export async function findDeepCursor(origin, authorization) {
  let cursor = '';
  for (let seen = 0; seen < 4999 * 20;) {
    const limit = Math.min(100, 4999 * 20 - seen);
    const url = `${origin}/api/v1/items?limit=${limit}${cursor && `&cursor=${cursor}`}`;
    const answer = await fetch(url, { headers: { authorization } });
    const { page } = /** @type {{ page: { nextCursor: string | null } }} */ (await answer.json());
    if (!page.nextCursor) throw new Error(`The list ends after ${seen + limit} items.`);
    cursor = encodeURIComponent(page.nextCursor);
    seen += limit;
  }
  return cursor;
}
