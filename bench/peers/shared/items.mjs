// The items of the two bare peers: hand-written, parameterised SQL and checks of the input by hand.
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

const { DATABASE_URL, DATABASE_POOL_MAX } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(DATABASE_POOL_MAX) });

const columns = `id, owner_id AS "ownerId", title, description, price, quantity, status, tags, version,
  created_at AS "createdAt", updated_at AS "updatedAt"`;
const getSql = `SELECT ${columns} FROM items WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL`;
const firstPageSql = `SELECT ${columns} FROM items WHERE owner_id = $1 AND deleted_at IS NULL
  ORDER BY created_at DESC, id DESC LIMIT $2`;
const nextPageSql = `SELECT ${columns} FROM items WHERE owner_id = $1 AND deleted_at IS NULL
  AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $2`;
const insertSql = `INSERT INTO items (id, owner_id, title, description, price, quantity, status, tags, version)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) RETURNING ${columns}`;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const money = /^\d{1,10}(\.\d{1,2})?$/;
const statuses = ['draft', 'active', 'archived'];

/**
 * @param {string} ownerId
 * @param {string} id
 * @returns {Promise<object | undefined>} undefined when it is missing or somebody else's
 */
export async function getItem(ownerId, id) {
  if (!uuid.test(id)) return undefined;
  const { rows } = await pool.query(getSql, [id, ownerId]);
  return rows[0];
}

/**
 * @param {string} ownerId
 * @param {unknown} limitText
 * @param {unknown} cursor
 * @returns {Promise<object | undefined>} undefined when the request is wrong
 */
export async function listItems(ownerId, limitText = '20', cursor = undefined) {
  const limit = Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return undefined;
  const position = cursor === undefined ? [] : decodeCursor(cursor);
  if (!position) return undefined;
  const sql = cursor === undefined ? firstPageSql : nextPageSql;
  // One row more than asked for tells whether there is a next page.
  const { rows } = await pool.query(sql, [ownerId, limit + 1, ...position]);
  const data = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? encodeCursor(data[limit - 1]) : null;
  return { data, page: { limit, nextCursor } };
}

/**
 * @param {string} ownerId
 * @param {unknown} input
 * @returns {Promise<{ id: string } | undefined>} undefined when the request is wrong
 */
export async function createItem(ownerId, input) {
  if (typeof input !== 'object' || input === null) return undefined;
  const {
    title,
    description = null,
    price,
    quantity = 0,
    status = 'draft',
    tags = [],
  } = /** @type {Record<string, unknown>} */ (input);
  const valid =
    isText(title, 1, 200) &&
    (description === null || isText(description, 0, 5000)) &&
    typeof price === 'string' &&
    money.test(price) &&
    typeof quantity === 'number' &&
    Number.isInteger(quantity) &&
    quantity >= 0 &&
    quantity <= 2_147_483_647 &&
    typeof status === 'string' &&
    statuses.includes(status) &&
    Array.isArray(tags) &&
    tags.length <= 20 &&
    tags.every((tag) => isText(tag, 1, 50));
  if (!valid) return undefined;
  const values = [uuidv7(), ownerId, title, description, price, quantity, status, tags];
  const { rows } = await pool.query(insertSql, values);
  return rows[0];
}

/**
 * @param {unknown} value
 * @param {number} min
 * @param {number} max
 */
function isText(value, min, max) {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

/** @param {{ createdAt: Date, id: string }} item */
function encodeCursor({ createdAt, id }) {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/**
 * @param {unknown} cursor
 * @returns {string[] | undefined} time and id of the last item seen
 */
function decodeCursor(cursor) {
  try {
    const position = JSON.parse(Buffer.from(String(cursor), 'base64url').toString());
    return Array.isArray(position) && position.length === 2 && uuid.test(position[1]) ? position : undefined;
  } catch {
    return undefined;
  }
}
