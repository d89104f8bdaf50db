import { connect, createServer } from 'node:net';
import { Database } from '../src/database/database.service.js';
import { HealthIndicators } from '../src/modules/health/health.indicators.js';
import { Lifecycle } from '../src/runtime/lifecycle.js';
import type { TestApp, TestSettings } from './support/app.js';
import type { TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { resources } from './support/resources.js';

interface Detailed {
  status: string;
  version: string;
  checks: Record<'database' | 'cache' | 'memory' | 'cpu', { status: string; percent?: number; kind?: string }>;
}

const strongKey = 'kWm3x9Qz7Lr2Vt8Yb4Nc6Hd1Jf5Gp0Sa-for-these-specs';

describe('health', () => {
  const started = resources();

  let app: TestApp;
  beforeAll(async () => {
    app = await started.app({ APP_VERSION: '7.8.9', DATABASE_POOL_MAX: '2' });
  });

  it('R4.5: /health tells status, time and version', async () => {
    const { status, body } = await app.client.get<{ status: string; timestamp: string; version: string }>('/health');
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'ok', timestamp: expect.any(String), version: '7.8.9' });
    expect(Math.abs(Date.now() - Date.parse(body.timestamp))).toBeLessThan(5000);
  });

  it('R4.5: /health/live and /health/ready are 200 while all is well', async () => {
    expect(await app.client.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await app.client.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('R4.5: /health/detailed adds database, cache, memory and cpu', async () => {
    const { body } = await app.client.get<Detailed>('/health/detailed');
    expect(body.checks).toEqual({
      database: { status: 'up' },
      cache: { status: 'up', kind: 'memory' },
      memory: { status: expect.stringMatching(/up|degraded/), percent: expect.any(Number) },
      cpu: { status: expect.stringMatching(/up|degraded/), percent: expect.any(Number) },
    });
    expect(body.checks.memory.percent).toBeGreaterThan(0);
  });

  it('readiness is asked once for many probes', async () => {
    const database = app.nest.get(Database);
    const probe = database.probe.bind(database);
    let probes = 0;
    database.probe = () => {
      probes++;
      return probe();
    };
    // From the moment when what was known before is too old.
    await eventually(async () => (await app.client.get('/health/ready')).status === 200 && probes === 1);
    await Promise.all(Array.from({ length: 20 }, () => app.client.get('/health/ready')));
    database.probe = probe;
    expect(probes).toBeLessThanOrEqual(2);
  });

  it('readiness is 200 while the pool is full', async () => {
    const busy = [app.sql('SELECT pg_sleep(1.5)'), app.sql('SELECT pg_sleep(1.5)')];
    const startedAt = performance.now();
    expect(await app.client.get('/health/ready')).toMatchObject({ status: 200 });
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await Promise.all(busy);
  });

  it('readiness is 503 while draining, liveness is not', async () => {
    const lifecycle = app.nest.get(Lifecycle);
    lifecycle.phase = 'draining';
    const ready = await app.client.get('/health/ready', { allow5xx: true });
    const live = await app.client.get('/health/live');
    lifecycle.phase = 'serving';
    expect(ready).toMatchObject({ status: 503, body: { code: 'not_ready' }, headers: { connection: 'close' } });
    expect(live).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });

  describe('with a database that fails', () => {
    let victim: TestApp;
    let database: TestDatabase;
    beforeAll(async () => {
      database = await started.database();
      victim = await started.app({ DATABASE_URL: database.url });
    });

    const readiness = async () => (await victim.client.get('/health/ready', { allow5xx: true })).status;

    it('readiness is 200 while it is read-only', async () => {
      const name = new URL(database.url).pathname.slice(1);
      await app.sql(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      await app.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [name]);
      expect(await readiness()).toBe(200);
      await app.sql(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    });

    it('readiness is 503 when nobody can sign in any more, and back by itself', async () => {
      const name = new URL(database.url).pathname.slice(1);
      await app.sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      expect(await eventually(async () => (await readiness()) === 503)).toBeLessThan(2000);
      expect(await victim.client.get('/health/live')).toMatchObject({ status: 200 });
      expect(await victim.client.get('/health')).toMatchObject({ status: 200 });

      const ready = await victim.client.get('/health/ready', { allow5xx: true });
      expect(ready.body).toMatchObject({ code: 'not_ready', detail: 'A vital dependency is away.' });
      expect(ready.body).not.toHaveProperty('checks');
      const detailed = await victim.client.get('/health/detailed', { allow5xx: true });
      expect(detailed).toMatchObject({
        status: 503,
        body: { code: 'not_ready', checks: { database: { status: 'down' }, cache: { status: 'up' } } },
      });

      await app.sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      expect(await eventually(async () => (await readiness()) === 200)).toBeLessThan(2000);
    });

    it('memory over 90 % and cpu over 80 % are a warning, and no more', async () => {
      const indicators = victim.nest.get(HealthIndicators);
      const ill = { status: 'degraded' as const, percent: 95 };
      const checkMemory = indicators.checkMemory.bind(indicators);
      indicators.checkMemory = () => ({ memory: ill });
      const { status, body } = await victim.client.get<Detailed>('/health/detailed');
      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'degraded', checks: { memory: ill } } });
      expect(await readiness()).toBe(200);
      indicators.checkMemory = checkMemory;
    });
  });

  it('readiness is 503 until the migrations are done, and liveness is not', async () => {
    const database = await started.database();
    const migrated = await started.app({ DATABASE_URL: database.url });
    await migrated.sql('ALTER TABLE migrations RENAME TO migrations_away');
    const behind = await started.app({ DATABASE_URL: database.url });
    expect(await behind.client.get('/health/ready', { allow5xx: true })).toMatchObject({ status: 503 });
    expect(await behind.client.get('/health/live')).toMatchObject({ status: 200 });
    await migrated.sql('DROP TABLE IF EXISTS migrations');
    await migrated.sql('ALTER TABLE migrations_away RENAME TO migrations');
    await eventually(async () => (await behind.client.get('/health/ready', { allow5xx: true })).status === 200);
  });

  describe('in production', () => {
    const production: TestSettings = { NODE_ENV: 'production', SECRET_KEY: strongKey };

    it('G6: strangers learn nothing but whether it is well', async () => {
      const closed = await started.app(production);
      expect(Object.keys((await closed.client.get<object>('/health')).body).sort()).toEqual([
        'status',
        'timestamp',
        'version',
      ]);
      expect((await closed.client.get('/health/ready')).body).toEqual({ status: 'ok' });
      expect((await closed.client.get('/health/live')).body).toEqual({ status: 'ok' });
      expect(await closed.client.get('/health/detailed')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    it('G6: /health/detailed is for the operator', async () => {
      const token = 'operator-kWm3x9Qz7Lr2';
      const guarded = await started.app({ ...production, OPERATOR_TOKEN: token });
      expect(await guarded.client.get('/health/detailed')).toMatchObject({ status: 401 });
      expect(await guarded.client.get('/health/detailed', { token: 'wrong' })).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      });
      expect(await guarded.client.get('/health/detailed', { token })).toMatchObject({ status: 200 });
    });

    it('G6, G7: METRICS_PORT serves what operators need without a token, and the main port does not', async () => {
      const database = await started.database();
      const metricsPort = String(await freePort());
      const product = await started.product({ ...production, DATABASE_URL: database.url, METRICS_PORT: metricsPort });
      const internal = `http://127.0.0.1:${metricsPort}`;
      const detailed = await fetch(`${internal}/health/detailed`);
      expect(detailed.status).toBe(200);
      expect(await detailed.json()).toMatchObject({
        status: expect.any(String),
        checks: { database: { status: 'up' } },
      });
      const metrics = await fetch(`${internal}/metrics`);
      expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(await metrics.text()).toContain('http_requests_total');
      for (const path of ['/', '/health', '/api/v1/items', '/docs']) {
        const answer = await fetch(internal + path);
        expect([path, answer.status]).toEqual([path, 404]);
        expect(await answer.json()).toMatchObject({ code: 'not_found' });
      }
      for (const path of ['/metrics', '/health/detailed', '/docs', '/redoc', '/openapi.json']) {
        expect([path, (await fetch(product.url + path)).status]).toEqual([path, 404]);
      }
      expect(await product.stop()).toBe(0);
    });
  });

  it('R14: while the database is away at boot, liveness is 200 and readiness 503; then it serves', async () => {
    const database = await started.database();
    const real = new URL(database.url);
    const port = await freePort();
    const url = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: String(port) }).href;
    const product = await started.product({ DATABASE_URL: url }, 'listening');
    const statusOf = async (path: string) => (await fetch(product.url + path)).status;
    expect([await statusOf('/health/live'), await statusOf('/health/ready'), await statusOf('/health')]).toEqual([
      200, 503, 200,
    ]);
    const early = await fetch(`${product.url}/api/v1/items`);
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(await early.json()).toMatchObject({ code: 'starting' });

    const forward = createServer((socket) => {
      const upstream = connect(Number(real.port), real.hostname);
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on('error', () => [socket, upstream].forEach((each) => each.destroy()));
    }).listen(port, '127.0.0.1');
    started.add(() => forward.close());
    await eventually(async () => (await statusOf('/health/ready')) === 200);
    expect(await statusOf('/api/v1/items')).toBe(401);
    expect(product.stdout).not.toContain(real.password || 'no password in the URL');
    expect(await product.stop()).toBe(0);
  });
});
