import { flushCompileCache } from 'node:module';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../config/app-config.js';
import { productionWarnings } from '../config/production-gates.js';
import { Database } from '../database/database.service.js';
import { addressesOf } from './addresses.js';
import { Lifecycle } from './lifecycle.js';
import { listenOn } from './listen-on.js';
import { settle } from './settle.js';
import type { SupervisorLink } from './workers/supervisor-link.js';

const logger = new Logger('Boot');

/**
 * Takes the application from created to serving: database, migrations, cache, routes, listening. When the database is
 * away, it listens first, so that probes get an answer while it is waited for.
 * @param link leads to the supervisor, when this process is a worker: only the first of them tells its steps in the log
 * @throws Error in words for the operator when the database stays away
 */
export async function boot(app: NestExpressApplication, link?: SupervisorLink): Promise<void> {
  const config = app.get(AppConfig);
  const database = app.get(Database);
  const lifecycle = app.get(Lifecycle);
  // Lines are written as they come from here on: a migration that takes long, or a failure, must not hide them.
  app.flushLogs();
  const isFirst = link?.identity.isFirst ?? true;
  const step: Step = (name, detail) => logger[isFirst ? 'log' : 'debug']({ event: 'boot', step: name, detail });
  const listen = () => open(app, config, step, link);
  step('config', config.nodeEnv);
  if (config.isProduction && isFirst) for (const warning of productionWarnings(config)) logger.warn(warning);

  try {
    await database.connect();
  } catch (error) {
    logger.warn(`The database is away: ${(error as Error).message}`);
    await listen();
    await database.connectWithRetries();
  }
  step('database', database.address);
  if (isFirst) await database.warnOfSmallServer();
  await database.prepareSchema();
  step('migrations');
  // Everything else is connected and routed by the modules themselves.
  if (!app.getHttpServer().listening) await listen();
  // Before settling drops the bytecode. Writes nothing when it was all there.
  flushCompileCache();
  // The first of them serves at once, and does this later; others have siblings that serve meanwhile.
  if (!isFirst) await settle(app);
  if (lifecycle.phase === 'starting') lifecycle.phase = 'serving';
  const addresses = addressesOf(app, config);
  if (link) link.tell({ type: 'serving', addresses });
  else logger.log({ event: 'serving', msg: `Serving ${addresses}` });
}

type Step = (name: string, detail?: string) => void;

async function open(app: NestExpressApplication, config: AppConfig, step: Step, link?: SupervisorLink): Promise<void> {
  await app.init();
  step('cache');
  step('routes');
  await listenOn(app.getHttpServer(), link ? 'inherited' : config);
  link?.tell({ type: 'listening' });
  step('listening', config.socketPath ?? `${config.host}:${config.port}`);
}
