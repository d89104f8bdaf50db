// Proves a running instance from outside: node deploy/smoke.mjs https://api.example.com
// Reads the health routes, then makes a user and an item, reads the item back and deletes both. Needs Node 20 or newer,
// nothing else; a private certificate is trusted through NODE_EXTRA_CA_CERTS. Exits with 1 at the first surprise.
import { randomBytes } from 'node:crypto';

const base = process.argv[2]?.replace(/\/$/, '');
if (!base) {
  console.error('usage: node smoke.mjs <base URL>');
  process.exit(2);
}

const name = `smoke_${randomBytes(8).toString('hex')}`;
// Strong under either PASSWORD_POLICY.
const password = `Aa1!${randomBytes(16).toString('hex')}`;
let token;

/** Sends a request and returns the body; throws unless the status is one of those expected. */
async function call(method, path, { body, expect = [200], headers = {} } = {}) {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const line = `${method} ${path} ${response.status}`;
  if (!expect.includes(response.status)) throw new Error(`${line}, expected ${expect.join(' or ')}: ${text}`);
  console.log(line);
  return text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

try {
  // Deployments may keep the probes and the documentation inside.
  for (const path of ['/health/live', '/health/ready', '/openapi.json'])
    await call('GET', path, { expect: [200, 404] });
  const { version } = await call('GET', '/health');
  await call('POST', '/api/v1/auth/register', {
    body: { username: name, email: `${name}@example.com`, password },
    expect: [201],
  });
  const login = await call('POST', '/api/v1/auth/login', { body: { username: name, password } });
  token = login.accessToken;
  const item = await call('POST', '/api/v1/items', { body: { title: 'smoke', price: '1.00' }, expect: [201] });
  const read = await call('GET', `/api/v1/items/${item.id}`);
  if (read.title !== 'smoke') throw new Error('the item read is not the item written');
  await call('DELETE', `/api/v1/items/${item.id}`, { expect: [204] });
  await call('DELETE', '/api/v1/users/me', { expect: [204] });
  console.log(`version ${version} at ${base} works`);
} catch (error) {
  console.error(error instanceof Error ? `${error.message}${error.cause ? ` (${error.cause})` : ''}` : error);
  process.exitCode = 1;
}
