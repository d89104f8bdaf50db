import type { Server as TlsServer } from 'node:tls';
import { Logger } from '@nestjs/common';
import { createApp } from './app.setup.js';
import type { AppConfig } from './config/app-config.js';
import { internalPages } from './modules/metrics/internal-pages.js';
import { shareMetrics } from './modules/metrics/share-metrics.js';
import { boot } from './runtime/boot.js';
import { Connections } from './runtime/connections.js';
import { servePages } from './runtime/internal-server.js';
import { endOnUncaughtError } from './runtime/last-resort.js';
import { startLocalServices } from './runtime/local-services.js';
import { onReload, reloadOnHangUp } from './runtime/reload.js';
import { settleLater } from './runtime/settle.js';
import type { Shutdown } from './runtime/shutdown.js';
import { stopApp } from './runtime/stop-app.js';
import { ServiceManager } from './runtime/systemd.js';
import { isTls, reloadCertificates } from './runtime/tls.js';
import type { SupervisorLink } from './runtime/workers/supervisor-link.js';
import { boundYoungGeneration } from './runtime/young-generation.js';

/**
 * From settings to serving. What is started is told to `shutdown`, which takes it down again.
 * @param link leads to the supervisor, when this process is a worker
 * @throws Error in words for the operator, or when the shutdown has begun meanwhile
 */
export async function start(settings: AppConfig, shutdown: Shutdown, link?: SupervisorLink): Promise<void> {
  const starting = startLocalServices(link?.ownConfig(settings) ?? settings);
  shutdown.add(async () => (await starting).stop());
  const { config } = await starting;

  const app = await createApp(config);
  endOnUncaughtError(shutdown);
  const connections = new Connections(app.getHttpServer());
  const systemd = new ServiceManager(config, (line) => new Logger('Systemd').warn(line));
  // Steps run in reverse: the last word is said, and the last counters are told, when the last request is counted.
  shutdown.add(() => systemd.settled());
  if (link) shutdown.add(() => link.handOverCounters());
  shutdown.add((hurry) => stopApp(app, connections, hurry, link?.hasSuccessor));

  if (link) {
    shareMetrics(app, link);
    link.shareConnections(connections);
    link.wearOut(app.getHttpServer(), config);
    await boot(app, link);
    boundYoungGeneration();
    if (link.identity.isFirst) settleLater(app, shutdown);
    return;
  }
  shutdown.whenBegun(() => systemd.stopping());
  if (isTls(config)) onReload(() => reloadCertificates(app.getHttpServer() as unknown as TlsServer, config));
  reloadOnHangUp(() => systemd.reloading());
  if (config.metricsPort !== undefined) await servePages(internalPages(app), config.metricsPort, config.host);
  await boot(app);
  boundYoungGeneration();
  settleLater(app, shutdown);
  systemd.ready();
}
