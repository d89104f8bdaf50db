import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import { AppConfig } from '../config/app-config.js';
import { drain } from './drain.js';
import { Lifecycle } from './lifecycle.js';

const signals = ['SIGTERM', 'SIGINT'] as const;
const hurryMs = 1500;

/** What must end after the application has. */
export interface Closable {
  stop(): Promise<void>;
}

/** Ends the process with code 0 on SIGTERM or SIGINT: drained after the first, within two seconds after the second. */
export function stopOnSignals(app: NestExpressApplication, services: Closable): void {
  let isStopping = false;
  for (const signal of signals) {
    process.on(signal, () => {
      if (isStopping) {
        setTimeout(() => process.exit(0), hurryMs);
        (app.getHttpServer() as Server).closeAllConnections();
        return;
      }
      isStopping = true;
      stop(app, services, signal).then(
        () => process.exit(0),
        (error: unknown) => {
          new Logger('Shutdown').error(error);
          process.exit(0);
        },
      );
    });
  }
}

async function stop(app: NestExpressApplication, services: Closable, signal: string): Promise<void> {
  const config = app.get(AppConfig);
  const server = app.getHttpServer() as Server;
  new Logger('Shutdown').log(`${signal}: draining`);
  app.get(Lifecycle).phase = 'draining';
  if (server.listening) {
    await sleep(config.drainDelay * 1000);
    await drain(server, config.gracefulTimeout);
  }
  await app.close();
  await services.stop();
}
