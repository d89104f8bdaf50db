// The floor: the same answers from node:http alone, without a framework.
import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { createItem, getItem, listItems } from '../shared/items.mjs';

const { HOST, PORT, SECRET_KEY, TOKEN_ISSUER, TOKEN_AUDIENCE } = process.env;
const key = createSecretKey(Buffer.from(SECRET_KEY ?? ''));
/** @type {jwt.VerifyOptions} */
const verifyOptions = { algorithms: ['HS256'], issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE };
const itemsPath = '/api/v1/items';
const maxBodyBytes = 102_400;

/**
 * @param {import('node:http').IncomingMessage} req
 * @returns {Promise<{ status: number, body: object, location?: string }>}
 */
async function answer(req) {
  const [path = '', query] = (req.url ?? '').split('?');
  if (req.method === 'GET' && path === '/health') {
    return { status: 200, body: { status: 'healthy', timestamp: new Date().toISOString(), version: '1.0.0' } };
  }
  if (!path.startsWith(itemsPath)) return notFound;
  const userId = authenticate(req.headers.authorization);
  if (!userId) return { status: 401, body: { error: 'unauthorized' } };
  const id = path.slice(itemsPath.length + 1);
  if (req.method === 'GET' && id) {
    const item = await getItem(userId, id);
    return item ? { status: 200, body: item } : notFound;
  }
  if (req.method === 'GET') {
    const parameters = new URLSearchParams(query);
    const page = await listItems(userId, parameters.get('limit') ?? undefined, parameters.get('cursor') ?? undefined);
    return page ? { status: 200, body: page } : badRequest;
  }
  if (req.method === 'POST' && !id) {
    const item = await createItem(userId, await readJson(req));
    return item ? { status: 201, body: item, location: `${itemsPath}/${item.id}` } : badRequest;
  }
  return notFound;
}

const notFound = { status: 404, body: { error: 'not_found' } };
const badRequest = { status: 400, body: { error: 'bad_request' } };

/** @param {string | undefined} authorization */
function authenticate(authorization = '') {
  const token = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (!token) return undefined;
  try {
    return /** @type {jwt.JwtPayload} */ (jwt.verify(token, key, verifyOptions)).sub;
  } catch {
    return undefined;
  }
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @returns {Promise<unknown>} undefined when it is no JSON
 */
async function readJson(req) {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) {
    text += chunk;
    if (text.length > maxBodyBytes) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const server = createServer((req, res) => {
  answer(req).then(
    ({ status, body, location }) => {
      const text = JSON.stringify(body);
      res.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        ...(location ? { location } : {}),
      });
      res.end(text);
    },
    () => res.writeHead(500).end(),
  );
});
server.listen(Number(PORT), HOST);
