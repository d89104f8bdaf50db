import {
  Controller,
  Get,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Request } from 'express';
import { register } from 'prom-client';
import { AppConfigModule } from '../src/config/config.module.js';
import { loadConfig } from '../src/config/load-config.js';
import { RedisModule } from '../src/redis/redis.module.js';
import { LoginRateLimit, SkipRateLimit } from '../src/throttling/rate-limit.decorators.js';
import { RateLimitGuard } from '../src/throttling/rate-limit.guard.js';
import { ThrottlingModule } from '../src/throttling/throttling.module.js';
import { describeWithRedis, openTestRedis, type TestRedis } from './support/redis.js';

@Injectable()
class IdentifyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & { user?: { id: string } }>();
    const id = request.get('x-user');
    if (id) request.user = { id };
    return true;
  }
}

@Injectable()
class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & { user?: { id: string } }>();
    if (request.path === '/private' && !request.user) throw new UnauthorizedException();
    return true;
  }
}

@Controller()
class ProbeController {
  @Get('open')
  open() {}

  @Get('private')
  private() {}

  @LoginRateLimit()
  @Get('login')
  login() {}

  @SkipRateLimit()
  @Get('health')
  health() {}
}

describe('RateLimitGuard', () => {
  const apps: NestExpressApplication[] = [];

  beforeEach(() => register.clear());

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  async function start(environment: Record<string, string> = {}): Promise<NestExpressApplication> {
    const config = loadConfig({
      NODE_ENV: 'test',
      SECRET_KEY: 'a-key-for-tests-that-is-long-enough',
      RATE_LIMIT_ANONYMOUS: '3/hour',
      RATE_LIMIT_AUTHENTICATED: '5/hour',
      RATE_LIMIT_LOGIN: '2/minute',
      ...environment,
    });
    const module = await Test.createTestingModule({
      imports: [AppConfigModule.forRoot(config), RedisModule, ThrottlingModule],
      controllers: [ProbeController],
      providers: [IdentifyGuard, RateLimitGuard, AccessGuard].map((useClass) => ({ provide: APP_GUARD, useClass })),
    }).compile();
    const app = module.createNestApplication<NestExpressApplication>({ logger: false });
    app.set('trust proxy', true);
    await app.listen(0, '127.0.0.1');
    apps.push(app);
    return app;
  }

  async function get(app: NestExpressApplication, path: string, headers: Record<string, string> = {}) {
    const url = new URL(path, await app.getUrl());
    const response = await fetch(url, { headers: { 'X-Forwarded-For': '192.0.2.1', ...headers } });
    return { status: response.status, headers: Object.fromEntries(response.headers) };
  }

  async function statuses(count: number, send: (index: number) => ReturnType<typeof get>): Promise<number[]> {
    const answers: number[] = [];
    for (let index = 0; index < count; index++) answers.push((await send(index)).status);
    return answers;
  }

  it('F6: tells the policy and what is left on answers, and on a 429 when to come again', async () => {
    const app = await start();
    const first = await get(app, '/open');
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"anonymous";q=3;w=3600',
      ratelimit: '"anonymous";r=2;t=3600',
    });
    expect(first.headers).not.toHaveProperty('retry-after');
    await get(app, '/open');
    expect((await get(app, '/open')).headers).toMatchObject({
      ratelimit: expect.stringMatching(/^"anonymous";r=0;t=(3600|3599)$/),
    });

    const refused = await get(app, '/open');
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'retry-after': '3600',
      'ratelimit-policy': '"anonymous";q=3;w=3600',
      ratelimit: '"anonymous";r=0;t=3600',
    });
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    const metric = await register.getSingleMetric('rate_limit_rejections_total')?.get();
    expect(metric?.values).toEqual([{ labels: { limiter: 'anonymous' }, value: 1 }]);
  });

  it('counts a client over all routes, with requests that are refused later on', async () => {
    const app = await start();
    expect(await get(app, '/open')).toMatchObject({ status: 200 });
    expect(await get(app, '/private')).toMatchObject({ status: 401 });
    expect(await get(app, '/private')).toMatchObject({ status: 401 });
    expect(await get(app, '/open')).toMatchObject({ status: 429 });
    expect(await get(app, '/open', { 'X-Forwarded-For': '192.0.2.2' })).toMatchObject({ status: 200 });
  });

  it('F2: counts an IPv6 /64 as one client', async () => {
    const app = await start();
    const answers = await statuses(4, (host) => get(app, '/open', { 'X-Forwarded-For': `2001:db8::${host + 1}` }));
    expect(answers).toEqual([200, 200, 200, 429]);
    expect(await get(app, '/open', { 'X-Forwarded-For': '2001:db8:0:1::1' })).toMatchObject({ status: 200 });
  });

  it('counts a signed-in user by id, wherever he comes from, and not against his address', async () => {
    const app = await start();
    const answers = await statuses(6, (host) =>
      get(app, '/private', { 'x-user': 'alice', 'X-Forwarded-For': `192.0.2.${host}` }),
    );
    expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await get(app, '/private', { 'x-user': 'bob' })).toMatchObject({ status: 200 });
    expect(await get(app, '/open')).toMatchObject({ status: 200 });
  });

  it('counts a login by address in its own bucket only', async () => {
    const app = await start();
    expect(await statuses(3, () => get(app, '/login'))).toEqual([200, 200, 429]);
    expect((await get(app, '/login')).headers).toMatchObject({ 'ratelimit-policy': '"login";q=2;w=60' });
    expect(await statuses(4, () => get(app, '/open'))).toEqual([200, 200, 200, 429]);
  });

  it('shows the limit with least left when two apply', async () => {
    const app = await start({ RATE_LIMIT_AUTHENTICATED: '2/hour', RATE_LIMIT_LOGIN: '2/minute' });
    await get(app, '/private', { 'x-user': 'alice' });
    expect((await get(app, '/login', { 'x-user': 'alice' })).headers.ratelimit).toMatch('"authenticated";r=0;');

    const other = await start({ RATE_LIMIT_LOGIN: '2/minute' });
    expect((await get(other, '/login', { 'x-user': 'alice' })).headers.ratelimit).toMatch('"login";r=1;');
  });

  it('F6: leaves out what is marked, and every limit that is off', async () => {
    const app = await start();
    expect(await statuses(10, () => get(app, '/health'))).toEqual(Array(10).fill(200));
    expect((await get(app, '/health')).headers).not.toHaveProperty('ratelimit');

    const open = await start({
      RATE_LIMIT_ANONYMOUS: 'off',
      RATE_LIMIT_AUTHENTICATED: 'off',
      RATE_LIMIT_LOGIN: 'off',
    });
    for (const path of ['/open', '/login']) {
      expect(await statuses(10, () => get(open, path))).toEqual(Array(10).fill(200));
    }
    expect(await statuses(10, () => get(open, '/private', { 'x-user': 'alice' }))).toEqual(Array(10).fill(200));
  });

  describeWithRedis('with Redis', () => {
    let server: TestRedis;

    beforeEach(async () => {
      server = await openTestRedis();
    });

    afterEach(() => server.stop());

    it('F3: two instances share limits', async () => {
      const [one, two] = await Promise.all([start({ REDIS_URL: server.url }), start({ REDIS_URL: server.url })]);
      expect(await statuses(5, (index) => get(index % 2 ? two : one, '/open'))).toEqual([200, 200, 200, 429, 429]);
    });
  });
});
