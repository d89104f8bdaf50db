import { newRegistration, signedInUser } from './factories/user.factory.js';
import type { TestApp } from './support/app.js';
import type { Answer, HttpClient } from './support/client.js';
import { sendRaw } from './support/raw-http.js';
import { resources } from './support/resources.js';

/** What only the makers and the operators of the product know. */
const innards = [
  /\bat .*(:\d+|\(|node:)/,
  /node_modules|\bdist\b|\.(js|ts)\b|file:|\/(work|usr|home|app|tmp|var)\//,
  /\b(select|insert|update|delete|alter)\b.*\b(from|into|set|table)\b/i,
  /\b(relation|column|constraint|syntax|violates|duplicate key|sqlstate)\b/i,
  /\b(items|users|audit_events)_[a-z_]+/,
  /password_hash|username_key|title_away|items_away/,
  /typeorm|queryfailed|postgres|pg_|node-postgres|ioredis|express|nestjs|body-parser|class-validator/i,
  /ECONN|EADDR|ENOENT|ETIMEDOUT|\b(42P01|42703|23505|22P02)\b/,
  /SyntaxError|TypeError|URIError|Unexpected token|Failed to decode|Cannot (GET|POST|PUT)/,
];
const canary = 'canary-5ad3f1';

describe('G5: errors tell nothing of the inside and repeat nothing of the request', () => {
  const started = resources();
  let app: TestApp;
  let client: HttpClient;

  // As loose as NODE_ENV can be: what development shows stays in the log.
  beforeAll(async () => {
    app = await started.app({ NODE_ENV: 'development' });
    client = app.client.as(await signedInUser(app)).with({ allow5xx: true });
  });

  /** Runs a statement, the work, and what takes the statement back. */
  async function within<T>(breaks: string, mends: string, work: () => Promise<T>): Promise<T> {
    await app.sql(breaks);
    return work().finally(() => app.sql(mends));
  }

  const errors: [name: string, status: number, send: () => Promise<Answer<unknown>>][] = [
    ['an unknown route', 404, () => client.get(`/api/v1/${canary}/${canary}?${canary}=1`)],
    ['an unknown route with another method', 404, () => client.request('PUT', `/${canary}`)],
    ['a path that can not be decoded', 400, () => client.get(`/api/v1/items/${canary}%E0%A4%A`)],
    ['a query that can not be decoded', 400, () => client.get(`/api/v1/items?q=${canary}%E0%A4%A`)],
    ['an id that is none', 400, () => client.get(`/api/v1/items/${canary}`)],
    ['a body that is no JSON', 400, () => client.post('/api/v1/items', `{"${canary}`, jsonHeaders)],
    [
      'a body of another type',
      415,
      () => client.post('/api/v1/items', canary, { headers: { 'content-type': 'text/plain' } }),
    ],
    [
      'a body that is no gzip',
      400,
      () => client.post('/api/v1/items', canary, { headers: { ...jsonHeaders.headers, 'content-encoding': 'gzip' } }),
    ],
    [
      'values that break rules',
      400,
      () => client.post('/api/v1/items', { title: canary.repeat(50), price: canary, status: canary }),
    ],
    ['a forged cursor', 400, () => client.get(`/api/v1/items?cursor=${canary}`)],
    ['a forged token', 401, () => client.get('/api/v1/items', { token: canary })],
    ['a role that is missing', 403, () => client.get('/api/v1/users')],
    ['a name that is taken', 409, () => takenTwice()],
    [
      'a table that is away',
      503,
      () =>
        within('ALTER TABLE items RENAME TO items_away', 'ALTER TABLE items_away RENAME TO items', () =>
          client.get('/api/v1/items'),
        ),
    ],
    [
      'a column that is away',
      500,
      () =>
        within('ALTER TABLE items RENAME title TO title_away', 'ALTER TABLE items RENAME title_away TO title', () =>
          client.post('/api/v1/items', { title: canary, price: '1' }),
        ),
    ],
    [
      'a constraint that nobody has foreseen',
      400,
      () =>
        within(
          `ALTER TABLE items ADD CONSTRAINT items_odd CHECK (title <> '${canary}')`,
          'ALTER TABLE items DROP CONSTRAINT items_odd',
          () => client.post('/api/v1/items', { title: canary, price: '1' }),
        ),
    ],
    [
      'a statement that takes too long for the database',
      503,
      () =>
        within(
          `CREATE FUNCTION slow() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '${canary}' USING ERRCODE = '57014'; END $$ LANGUAGE plpgsql; CREATE TRIGGER slow BEFORE INSERT ON items EXECUTE FUNCTION slow()`,
          'DROP TRIGGER slow ON items; DROP FUNCTION slow',
          () => client.post('/api/v1/items', { title: canary, price: '1' }),
        ),
    ],
  ];

  async function twice(work: () => Promise<Answer<unknown>>): Promise<Answer<unknown>> {
    await work();
    return work();
  }

  function takenTwice(): Promise<Answer<unknown>> {
    const registration = newRegistration({ email: `${canary}@example.com` });
    return twice(() => app.client.post('/api/v1/auth/register', registration));
  }

  it.each(errors)('%s (%d)', async (_, status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    const { requestId: _id, instance: _instance, ...told } = answer.body as Record<string, unknown>;
    const text = JSON.stringify(told);
    for (const innard of innards) expect(text).not.toMatch(innard);
    expect(text).not.toContain(canary);
    for (const [name, value] of Object.entries(answer.headers))
      expect(`${name}: ${String(value)}`).not.toContain(canary);
  });

  it('a request that is no HTTP', async () => {
    for (const bytes of [
      `${canary}\r\n\r\n`,
      `GET /${canary} HTTP/9.9\r\n\r\n`,
      `GET / HTTP/1.1\r\n${canary}\r\n\r\n`,
    ]) {
      const [answer] = await sendRaw(app.url, bytes);
      expect(answer?.status).toBe(400);
      expect(answer?.text).not.toContain(canary);
      for (const innard of innards) expect(answer?.text).not.toMatch(innard);
    }
  });

  it.each(['..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json', '..%5cpackage.json', 'page.css%00.js', 'nothing'])(
    'the documentation serves no other file: %s',
    async (name) => {
      const answer = await app.client.get(`/docs/assets/${name}`);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain('package');
    },
  );

  it('answers name neither the framework nor its version', async () => {
    for (const path of ['/health', '/nothing', '/docs', '/metrics']) {
      const { headers } = await app.client.get(path);
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['server']));
    }
  });
});

const jsonHeaders = { headers: { 'content-type': 'application/json' } };
