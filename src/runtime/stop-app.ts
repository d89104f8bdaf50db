import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../config/app-config.js';
import type { Connections } from './connections.js';
import { drain } from './drain.js';
import { Lifecycle } from './lifecycle.js';

const closeTimeoutMs = 3000;
/** The last part of DRAIN_DELAY, in which clients that had been told to connect anew come to rest; see Lifecycle. */
const settleMs = 400;

/**
 * Turns readiness to 503, waits until proxies have seen it, finishes what is in flight and closes the application.
 * @param hasSuccessor another worker serves at this address already: it stays ready, and there is nothing to wait for
 */
export async function stopApp(
  app: NestExpressApplication,
  connections: Connections,
  hurry: AbortSignal,
  hasSuccessor = false,
): Promise<void> {
  const config = app.get(AppConfig);
  const server = app.getHttpServer();
  const logger = new Logger('Shutdown');
  const delaySeconds = hasSuccessor ? 0 : config.drainDelay;
  const lifecycle = app.get(Lifecycle);
  lifecycle.phase = hasSuccessor ? 'retiring' : 'draining';
  if (delaySeconds > 0) connections.announceClose();
  logger.log({ event: 'draining', msg: `Draining for up to ${delaySeconds + config.gracefulTimeout} s` });
  if (server.listening) {
    const wait = (ms: number) => sleep(Math.max(0, ms), undefined, { signal: hurry }).catch(() => undefined);
    await wait(delaySeconds * 1000 - settleMs);
    if (delaySeconds > 0) {
      lifecycle.phase = 'settling';
      await wait(Math.min(settleMs, delaySeconds * 1000));
    }
    if (!hasSuccessor) lifecycle.phase = 'closing';
    await drain(server, connections, config.gracefulTimeout, hurry);
  }
  // A database that hangs must not keep the process: its connections end with it.
  await Promise.race([app.close(), sleep(closeTimeoutMs)]);
  logger.log({ event: 'stopped', msg: 'Stopped' });
}
