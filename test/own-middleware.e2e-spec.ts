import { Controller, Get, Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { loadConfig } from '../src/config/load-config.js';
import { EdgeAdapter } from '../src/edge/edge.adapter.js';

const seen: string[] = [];
const note = (name: string) => (_request: Request, _response: Response, next: NextFunction) => {
  seen.push(name);
  next();
};

@Controller('cups')
class CupsController {
  @Get(':id')
  get(): object {
    seen.push('handler');
    return {};
  }
}

@Module({ controllers: [CupsController] })
class CupsModule {}

@Module({ controllers: [CupsController] })
class OwnMiddlewareModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(note('of the module')).forRoutes('cups');
  }
}

describe('middleware of those who extend the product', () => {
  let app: NestExpressApplication;
  afterEach(() => app.close());

  /** What a request to /cups/1 passes. */
  async function passed(module: object, prepare: (adapter: EdgeAdapter) => void = () => undefined): Promise<string[]> {
    const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: 'postgres://nobody@localhost/none' });
    const adapter = new EdgeAdapter(config);
    app = await NestFactory.create<NestExpressApplication>(module as never, adapter, {
      bodyParser: false,
      logger: false,
    });
    app.use(note('of the application'));
    prepare(adapter);
    await app.listen(0, '127.0.0.1');
    seen.length = 0;
    const { status } = await fetch(`${await app.getUrl()}/cups/1`);
    expect(status).toBe(200);
    return [...seen];
  }

  it('runs before the handler, in order', async () => {
    expect(await passed(CupsModule)).toEqual(['of the application', 'handler']);
  });

  it('runs when a module has it for some of its paths', async () => {
    expect(await passed(OwnMiddlewareModule)).toEqual(['of the application', 'of the module', 'handler']);
  });

  it('runs when Express itself is given it, and hooks are called', async () => {
    const steps = await passed(CupsModule, (adapter) => {
      adapter.getInstance<{ use(step: unknown): void }>().use(note('of Express'));
      adapter.setOnRequestHook((_request: unknown, _response: unknown, done: () => void) => {
        seen.push('hook');
        done();
      });
    });
    expect(steps).toEqual(['hook', 'of the application', 'of Express', 'handler']);
  });
});
