import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../config/app-config.js';
import { productionWarnings } from '../config/production-gates.js';
import { Database } from '../database/database.service.js';
import { addressesOf } from './addresses.js';
import { Lifecycle } from './lifecycle.js';
import { returnStartupMemory } from './startup-memory.js';

const logger = new Logger('Boot');

/**
 * Takes the application from created to serving: database, migrations, cache, routes, listening. When the database is
 * away, it listens first, so that probes get an answer while it is waited for.
 * @throws Error in words for the operator when the database stays away
 */
export async function boot(app: NestExpressApplication): Promise<void> {
  const config = app.get(AppConfig);
  const database = app.get(Database);
  const lifecycle = app.get(Lifecycle);
  // Lines are written as they come from here on: a migration that takes long, or a failure, must not hide them.
  app.flushLogs();
  step('config', config.nodeEnv);
  if (config.isProduction) for (const warning of productionWarnings(config)) logger.warn(warning);

  try {
    await database.connect();
  } catch (error) {
    logger.warn(`The database is away: ${(error as Error).message}`);
    await listen(app, config);
    await database.connectWithRetries();
  }
  step('database', database.address);
  await database.prepareSchema();
  step('migrations');
  // Everything else is connected and routed by the modules themselves.
  if (!app.getHttpServer().listening) await listen(app, config);
  returnStartupMemory();
  if (lifecycle.phase === 'starting') lifecycle.phase = 'serving';
  logger.log({ event: 'serving', msg: `Serving ${addressesOf(app, config)}` });
}

async function listen(app: NestExpressApplication, config: AppConfig): Promise<void> {
  await app.init();
  step('cache');
  step('routes');
  if (config.socketPath) await app.listen(config.socketPath);
  else await app.listen(config.port, config.host);
  step('listening', config.socketPath ?? `${config.host}:${config.port}`);
}

function step(name: string, detail?: string): void {
  logger.log({ event: 'boot', step: name, detail });
}
