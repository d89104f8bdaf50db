import { Agent, request } from 'node:http';
import { createItem } from './factories/item.factory.js';
import { newRegistration, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { TestApp, TestSettings } from './support/app.js';
import { resources } from './support/resources.js';

const production: TestSettings = {
  NODE_ENV: 'production',
  SECRET_KEY: 'kWm3x9Qz7Lr2Vt8Yb4Nc6Hd1Jf5Gp0Sa-for-these-specs',
};

describe('metrics', () => {
  const started = resources();

  let app: TestApp;
  let ada: SignedInUser;
  beforeAll(async () => {
    app = await started.app();
    ada = await signedInUser(app);
  });

  async function scrape(): Promise<string> {
    const { status, text } = await app.client.get('/metrics');
    if (status !== 200) throw new Error(`${status} ${text}`);
    return text;
  }

  it('are in the text format of Prometheus', async () => {
    const { headers, text } = await app.client.get('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const strange = text
      .split('\n')
      .filter((line) => line !== '' && !/^(# (HELP|TYPE) |[a-z_][a-z0-9_]*(\{.*\})? \S+$)/.test(line));
    expect(strange).toEqual([]);
  });

  it.each([
    ['http_requests_total', 'counter'],
    ['http_request_duration_seconds', 'histogram'],
    ['active_connections', 'gauge'],
    ['memory_usage_bytes', 'gauge'],
    ['cpu_usage_percent', 'gauge'],
    ['user_registrations_total', 'counter'],
    ['order_processing_seconds', 'histogram'],
    ['active_users', 'gauge'],
    ['application_errors_total', 'counter'],
  ])('R4.3, R4.4: %s is a %s with a help text', async (name, type) => {
    const text = await scrape();
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.{5,}$`, 'm'));
  });

  it('R4.3: requests are counted by method, template and status, and their time is observed', async () => {
    const item = await createItem(app, ada);
    const before = await scrape();
    await app.client.as(ada).get(`/api/v1/items/${item.id}`);
    await app.client.as(ada).get(`/api/v1/items/${item.id}?`);
    await app.client.as(ada).get(`/api/v1/items/${item.id}`, { headers: { 'if-none-match': '"1"' } });
    await app.client.get(`/api/v1/items/${item.id}`);
    await app.client.as(ada).request('PUT', `/api/v1/items/${item.id}`);
    await app.client.get('/nothing/at/all');
    const after = await scrape();
    const grown = (labels: string, name = 'http_requests_total') =>
      value(after, name, labels) - value(before, name, labels);
    const endpoint = 'endpoint="/api/v1/items/:id"';
    expect(grown(`method="GET",${endpoint},status="200"`)).toBe(2);
    expect(grown(`method="GET",${endpoint},status="304"`)).toBe(1);
    expect(grown(`method="GET",${endpoint},status="401"`)).toBe(1);
    expect(grown(`method="PUT",${endpoint},status="405"`)).toBe(1);
    expect(grown('method="GET",endpoint="unmatched",status="404"')).toBe(1);
    expect(grown(`method="GET",${endpoint}`, 'http_request_duration_seconds_count')).toBe(4);
    expect(after).not.toContain(item.id);
  });

  it('R4.4: errors are counted by code and template', async () => {
    const before = await scrape();
    await app.client.as(ada).post('/api/v1/items', {});
    await app.client.get('/api/v1/items');
    const after = await scrape();
    const grown = (labels: string) =>
      value(after, 'application_errors_total', labels) - value(before, 'application_errors_total', labels);
    expect(grown('error_type="validation_failed",endpoint="/api/v1/items"')).toBe(1);
    expect(grown('error_type="unauthorized",endpoint="/api/v1/items"')).toBe(1);
  });

  it('R4.4: registrations are counted, those that fail are not', async () => {
    const before = value(await scrape(), 'user_registrations_total');
    const registration = newRegistration();
    await app.client.post('/api/v1/auth/register', registration);
    await app.client.post('/api/v1/auth/register', registration);
    expect(value(await scrape(), 'user_registrations_total')).toBe(before + 1);
  });

  it('R4.3: gauges tell what is', async () => {
    const text = await scrape();
    expect(value(text, 'active_connections')).toBeGreaterThan(0);
    expect(value(text, 'memory_usage_bytes')).toBeGreaterThan(10_000_000);
    expect(value(text, 'cpu_usage_percent')).toBeGreaterThanOrEqual(0);
    expect(value(text, 'active_users')).toBeGreaterThanOrEqual(1);
  });

  it('G8: 10,000 random paths, methods and hosts make no series', async () => {
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PROPFIND', 'PURGE', 'LINK', 'OPTIONS'];
    // Each method and outcome once, so that what may be there is there.
    for (const method of methods) await send(method, 0);
    const before = seriesIn(await scrape());
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    for (let start = 0; start < 10_000; start += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => send(methods[index % 8]!, start + index, agent)));
    }
    agent.destroy();
    expect(seriesIn(await scrape())).toEqual(before);
  });

  function send(method: string, index: number, agent?: Agent): Promise<void> {
    const { hostname, port } = new URL(app.url);
    // A third each: unknown, a known template with another id, a known route with a random query.
    const paths = [`/random/${index}`, `/api/v1/items/${index}/${index}`, `/api/v1/items/x${index}?k${index}=1`];
    const headers = { host: `host${index}.test`, 'user-agent': `agent ${index}`, 'x-request-id': `id${index}` };
    return Promise.all(
      (agent ? [paths[index % 3]] : paths).map(
        (path) =>
          new Promise<void>((resolve, reject) => {
            const sent = request({ hostname, port, method, path, headers, agent }, (answer) =>
              answer.resume().once('end', resolve),
            );
            sent.once('error', reject).end();
          }),
      ),
    ).then(() => undefined);
  }

  describe('G7: in production', () => {
    const token = 'operator-kWm3x9Qz7Lr2';

    it('strangers find neither metrics nor documentation', async () => {
      const closed = await started.app(production);
      for (const path of [
        '/metrics',
        '/health/detailed',
        '/docs',
        '/redoc',
        '/openapi.json',
        '/docs/assets/page.css',
      ]) {
        expect([path, (await closed.client.get(path)).status]).toEqual([path, 404]);
      }
    });

    it('OPERATOR_TOKEN opens /metrics, and nothing else does', async () => {
      const guarded = await started.app({ ...production, OPERATOR_TOKEN: token, DOCS_ENABLED: 'true' });
      const admin = await signedInUser(guarded, { roles: ['user', 'admin'] });
      expect(await guarded.client.get('/metrics')).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer' },
      });
      for (const wrong of ['', 'x', token.slice(1), `${token}x`, token.toUpperCase(), admin.token]) {
        expect(await guarded.client.get('/metrics', { token: wrong })).toMatchObject({ status: 401 });
      }
      const elsewhere: Record<string, string>[] = [
        { authorization: token },
        { authorization: `Basic ${token}` },
        { cookie: token },
      ];
      for (const headers of elsewhere) {
        expect(await guarded.client.get('/metrics', { headers })).toMatchObject({ status: 401 });
      }
      expect(await guarded.client.get('/metrics', { token })).toMatchObject({ status: 200 });
      expect(await guarded.client.get('/docs')).toMatchObject({ status: 200 });
    });
  });
});

/** The value of a series whose labels are just these; 0 when it is not there. */
function value(text: string, name: string, labels?: string): number {
  const series = labels === undefined ? name : `${name}{${labels}}`;
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

function seriesIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^(http|application)_/.test(line))
    .map((line) => line.replace(/ \S+$/, ''))
    .sort();
}
