import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import type { AppConfig } from './config/app-config.js';
import { callInterceptorsDirectly } from './edge/direct-interceptors.js';
import { EdgeAdapter } from './edge/edge.adapter.js';
import { BootLogger } from './logging/boot-logger.js';
import { createLogger } from './logging/logger.js';
import { OpenApiDocument } from './modules/docs/openapi.document.js';

/**
 * The whole application, not yet connected to anything: what main.ts and every test share.
 * `config.databaseUrl` must be set.
 */
export async function createApp(config: AppConfig): Promise<NestExpressApplication> {
  const logger = await createLogger(config);
  await callInterceptorsDirectly(config.takes('interceptors'));
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(config, logger),
    new EdgeAdapter(config),
    { bodyParser: false, bufferLogs: true, abortOnError: false },
  );
  app.useLogger(app.get(BootLogger));
  if (config.docsEnabled) app.get(OpenApiDocument).describe(app);
  return app;
}
