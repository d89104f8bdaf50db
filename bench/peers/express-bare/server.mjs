// What Express costs when a good engineer writes just these routes by hand: JWT, parameterised SQL, checks of the
// input, and nothing else: no logs, metrics, limits, validation library or security headers. Express is as it comes.
import { createSecretKey } from 'node:crypto';
import express from 'express';
import jwt from 'jsonwebtoken';
import { createItem, getItem, listItems } from '../shared/items.mjs';

const { HOST, PORT, SECRET_KEY, TOKEN_ISSUER, TOKEN_AUDIENCE } = process.env;
const key = createSecretKey(Buffer.from(SECRET_KEY ?? ''));
/** @type {jwt.VerifyOptions} */
const verifyOptions = { algorithms: ['HS256'], issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE };

/** @type {express.RequestHandler} */
function authenticate(req, res, next) {
  const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (!token) return void res.status(401).json({ error: 'unauthorized' });
  try {
    res.locals.userId = /** @type {jwt.JwtPayload} */ (jwt.verify(token, key, verifyOptions)).sub;
  } catch {
    return void res.status(401).json({ error: 'unauthorized' });
  }
  next();
}

const app = express();
app.disable('x-powered-by');
app.get('/health', (_req, res) => {
  res.json({ status: 'healthy', timestamp: new Date().toISOString(), version: '1.0.0' });
});

const items = express.Router();
items.use(authenticate);
items.get('/:id', async (req, res) => {
  const item = await getItem(res.locals.userId, req.params.id);
  if (!item) return void res.status(404).json({ error: 'not_found' });
  res.json(item);
});
items.get('/', async (req, res) => {
  const page = await listItems(res.locals.userId, req.query.limit, req.query.cursor);
  if (!page) return void res.status(400).json({ error: 'bad_request' });
  res.json(page);
});
items.post('/', express.json(), async (req, res) => {
  const item = await createItem(res.locals.userId, req.body);
  if (!item) return void res.status(400).json({ error: 'bad_request' });
  res.status(201).location(`/api/v1/items/${item.id}`).json(item);
});
app.use('/api/v1/items', items);

app.listen(Number(PORT), HOST ?? '127.0.0.1');
