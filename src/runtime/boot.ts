import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../config/app-config.js';
import { productionWarnings } from '../config/production-gates.js';
import { Database } from '../database/database.service.js';
import { addressesOf } from './addresses.js';
import { Lifecycle } from './lifecycle.js';

const logger = new Logger('Boot');

/**
 * Takes the application from created to serving: database, migrations, cache, routes, listening. When the database is
 * away, it listens first, so that probes get an answer while it is waited for.
 * @throws Error in words for the operator when the database stays away
 */
export async function boot(app: NestExpressApplication): Promise<void> {
  const config = app.get(AppConfig);
  const database = app.get(Database);
  step('config', config.nodeEnv);
  if (config.isProduction) for (const warning of productionWarnings(config)) logger.warn(warning);

  try {
    await database.connect();
  } catch (error) {
    logger.warn(`The database at ${database.address} is away: ${(error as Error).message}`);
    await listen(app, config);
    await waitFor(database);
  }
  step('database', database.address);
  await database.prepareSchema();
  step('migrations');
  // Everything else is connected and routed by the modules themselves.
  if (!app.getHttpServer().listening) await listen(app, config);
  app.get(Lifecycle).phase = 'serving';
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

async function waitFor(database: Database): Promise<void> {
  try {
    await database.connectWithRetries();
  } catch (error) {
    throw new Error(
      `The database at ${database.address} can't be reached: ${(error as Error).message}. ` +
        'Check that it runs and that DATABASE_URL is right.',
      { cause: error },
    );
  }
}

function step(name: string, detail?: string): void {
  logger.log({ event: 'boot', step: name, detail });
}
