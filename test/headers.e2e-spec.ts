import { createItem } from './factories/item.factory.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { Answer, HttpClient, RequestOptions } from './support/client.js';
import { sendRaw } from './support/raw-http.js';

const allowed = ['https://app.example.test', 'http://localhost:3000'];

/** Requirement R3.3, word for word. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self';base-uri 'self';form-action 'self';frame-ancestors 'none';object-src 'none'",
  'permissions-policy': 'geolocation=(), microphone=(), camera=()',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
};

describe('headers', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let client: HttpClient;
  let item: Item;

  beforeAll(async () => {
    app = await startTestApp({ ALLOWED_ORIGINS: allowed.join(','), RATE_LIMIT_LOGIN: '3/hour' });
    ada = await signedInUser(app);
    client = app.client.as(ada);
    item = await createItem(app, ada);
  });
  afterAll(() => app.close());

  /** One answer of each status that a client can provoke. */
  const answers: [status: number, send: () => Promise<Answer<unknown>>][] = [
    [200, () => client.get(`/api/v1/items/${item.id}`)],
    [201, () => client.post('/api/v1/items', { title: 't', price: '1' })],
    [204, () => client.request('OPTIONS', '/api/v1/items')],
    [204, async () => client.delete(`/api/v1/items/${(await createItem(app, ada)).id}`)],
    [304, () => client.get(`/api/v1/items/${item.id}`, { headers: { 'if-none-match': '"1"' } })],
    [400, () => client.post('/api/v1/items', '{', { headers: { 'content-type': 'application/json' } })],
    [400, () => client.get('/api/v1/items?limit=0')],
    [401, () => app.client.get('/api/v1/items')],
    [403, () => client.get('/api/v1/users')],
    [404, () => client.get('/api/v1/nothing')],
    [404, () => client.get(`/api/v1/items/${ada.user.id}`)],
    [405, () => client.request('PUT', '/api/v1/items')],
    [412, () => client.patch(`/api/v1/items/${item.id}`, {}, { headers: { 'if-match': '"99"' } })],
    [413, () => client.post('/api/v1/items', { title: 'a'.repeat(110_000) })],
    [415, () => client.post('/api/v1/items', 'x', { headers: { 'content-type': 'text/plain' } })],
    [428, () => client.patch(`/api/v1/items/${item.id}`, {})],
    [429, () => overLimit()],
    [503, () => withoutItems(() => client.get('/api/v1/items', { allow5xx: true }))],
    [500, () => withoutTitles(() => client.get('/api/v1/items', { allow5xx: true }))],
  ];

  async function overLimit(): Promise<Answer<unknown>> {
    for (;;) {
      const answer = await app.client.post('/api/v1/auth/login', { username: 'nobody', password: 'x' });
      if (answer.status !== 401) return answer;
    }
  }

  /** The table is away, as before a migration. */
  async function withoutItems<T>(work: () => Promise<T>): Promise<T> {
    await app.sql('ALTER TABLE items RENAME TO items_away');
    return work().finally(() => app.sql('ALTER TABLE items_away RENAME TO items'));
  }

  /** A column is away: a fault that nobody has foreseen. */
  async function withoutTitles<T>(work: () => Promise<T>): Promise<T> {
    await app.sql('ALTER TABLE items RENAME COLUMN title TO title_away');
    return work().finally(() => app.sql('ALTER TABLE items RENAME COLUMN title_away TO title'));
  }

  it.each(answers)('G2: all security headers are on a %d', async (status, send) => {
    const { status: answered, headers } = await send();
    expect(answered).toBe(status);
    expect(headers).toMatchObject(securityHeaders);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it.each(answers)('R2.2: X-Request-ID and X-Process-Time are on a %d', async (status, send) => {
    const { status: answered, headers } = await send();
    expect(answered).toBe(status);
    expect(headers['x-request-id']).toMatch(/^[\w.-]{1,64}$/);
    expect(headers['x-process-time']).toMatch(/^\d+\.\d{3,}$/);
    expect(Number(headers['x-process-time'])).toBeLessThan(10);
  });

  it.each([
    ['400', 'GET / HTTP/1.1\r\nbad header\r\n\r\n'],
    ['414', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['431', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`],
  ])('G2: all security headers are on a %s that never reached the router', async (status, bytes) => {
    const [answer] = await sendRaw(app.url, bytes);
    expect(answer).toMatchObject({ status: Number(status), headers: securityHeaders });
    expect(answer?.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' });
  });

  it('G2: pages of the documentation keep everything but the policies that they need', async () => {
    const { 'content-security-policy': _, ...others } = securityHeaders;
    for (const path of ['/docs', '/redoc', '/openapi.json', '/docs/assets/page.css', '/docs/assets/nothing']) {
      const { headers } = await app.client.get(path);
      expect(headers).toMatchObject(others);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
    }
  });

  it('G3: nothing of a user or of credentials may be kept by anybody', async () => {
    const credentials = { username: 'nobody', password: 'x' };
    const all = [
      await client.get('/api/v1/users/me'),
      await client.get('/api/v1/items'),
      await client.get(`/api/v1/items/${item.id}`),
      await client.get(`/api/v1/items/${item.id}`, { headers: { 'if-none-match': '"1"' } }),
      await app.client.post('/api/v1/auth/login', credentials),
      await app.client.post('/api/v1/auth/register', {}),
      await app.client.get('/api/v1/items'),
    ];
    for (const { headers } of all) expect(headers['cache-control']).toBe('no-store');
  });

  it('a 304 keeps the ETag and has no body and no content type', async () => {
    const answer = await client.get(`/api/v1/items/${item.id}`, { headers: { 'if-none-match': 'W/"0", "1"' } });
    expect(answer).toMatchObject({ status: 304, text: '', headers: { etag: '"1"' } });
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  it('If-None-Match saves reading only, and only what has an ETag', async () => {
    const any = { headers: { 'if-none-match': '*' } };
    expect(await client.get(`/api/v1/items/${item.id}`, any)).toMatchObject({ status: 304 });
    expect(await client.request('HEAD', `/api/v1/items/${item.id}`, any)).toMatchObject({ status: 304 });
    expect(await client.post('/api/v1/items', { title: 't', price: '1' }, any)).toMatchObject({ status: 201 });
    for (const path of ['/metrics', '/health', '/api/v1/users/me', '/api/v1/items']) {
      expect(await client.get(path, any)).toMatchObject({ status: 200 });
    }
  });

  describe('G1: CORS', () => {
    const preflight = (origin: string, headers: Record<string, string> = {}): RequestOptions => ({
      headers: { origin, 'access-control-request-method': 'PATCH', ...headers },
    });

    it.each(allowed)('a page of %s may call and read what it needs', async (origin) => {
      const { headers } = await client.get('/api/v1/items', { headers: { origin } });
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(listOf(headers['access-control-expose-headers'])).toEqual([
        'ETag',
        'Location',
        'RateLimit',
        'Retry-After',
        'X-Request-ID',
      ]);
      expect(listOf(headers.vary)).toContain('Origin');
    });

    it('errors can be read too', async () => {
      const origin = allowed[0]!;
      for (const path of ['/api/v1/items', '/nothing']) {
        const { headers } = await app.client.get(path, { headers: { origin } });
        expect(headers['access-control-allow-origin']).toBe(origin);
      }
    });

    it.each([
      'https://evil.example.test',
      'null',
      'https://app.example.test.evil.test',
      'https://evil-app.example.test',
      'http://app.example.test',
      'https://app.example.test:8443',
      'HTTPS://APP.EXAMPLE.TEST',
      'http://localhost:3000/',
      '*',
      '',
    ])('a page of "%s" may not', async (origin) => {
      for (const answer of [
        await client.get('/api/v1/items', { headers: { origin } }),
        await app.client.request('OPTIONS', '/api/v1/items', preflight(origin)),
      ]) {
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
        expect(listOf(answer.headers.vary)).toContain('Origin');
      }
    });

    it('a preflight names methods and headers, on unknown routes too', async () => {
      for (const path of ['/api/v1/items', '/nothing']) {
        const { status, headers } = await app.client.request('OPTIONS', path, preflight(allowed[0]!));
        expect(status).toBe(204);
        expect(headers['access-control-allow-origin']).toBe(allowed[0]);
        expect(listOf(headers['access-control-allow-methods'])).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST']);
        expect(listOf(headers['access-control-allow-headers'])).toEqual(
          expect.arrayContaining(['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'X-Request-ID']),
        );
        expect(Number(headers['access-control-max-age'])).toBeGreaterThan(0);
      }
    });

    it('credentials are never allowed', async () => {
      for (const answer of [
        await client.get('/api/v1/items', { headers: { origin: allowed[0]! } }),
        await app.client.request('OPTIONS', '/api/v1/items', preflight(allowed[0]!)),
      ]) {
        expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      }
    });
  });

  describe('request id', () => {
    it.each(['a', 'A-Z.a_z.0-9', '4bf92f3577b34da6a3ce929d0e0e4736', 'x'.repeat(64)])('"%s" is kept', async (id) => {
      const sent = { headers: { 'x-request-id': id } };
      expect((await client.get('/api/v1/items', sent)).headers['x-request-id']).toBe(id);
      expect(await app.client.get('/nothing', sent)).toMatchObject({
        headers: { 'x-request-id': id },
        body: { requestId: id, instance: `urn:request:${id}` },
      });
    });

    it.each(['', 'x'.repeat(65), 'a b', 'a;b', 'a\tb', '<script>', '{"level":60}', 'é', 'a,b', '../x'])(
      'G11: "%s" is replaced',
      async (id) => {
        const { headers, body } = await app.client.get('/nothing', {
          headers: { 'x-request-id': Buffer.from(id).toString('latin1') },
        });
        expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
        expect(body.requestId).toBe(headers['x-request-id']);
      },
    );

    it('two are replaced, and every request has its own', async () => {
      const ids = new Set<unknown>();
      for (let index = 0; index < 5; index++) {
        const { headers } = await app.client.get('/health', { headers: { 'x-request-id': ['one', 'two'] } });
        ids.add(headers['x-request-id']);
      }
      expect(ids.size).toBe(5);
      expect(ids).not.toContain('one');
    });
  });
});

function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .sort();
}
