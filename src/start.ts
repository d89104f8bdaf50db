import { createApp } from './app.setup.js';
import { loadConfig } from './config/load-config.js';
import { boot } from './runtime/boot.js';
import { startInternalListener } from './modules/metrics/internal-listener.js';
import { endOnUncaughtError } from './runtime/last-resort.js';
import { startLocalServices } from './runtime/local-services.js';
import type { Shutdown } from './runtime/shutdown.js';
import { stopApp } from './runtime/stop-app.js';
import { Connections } from './runtime/connections.js';

/**
 * From settings to serving. What is started is told to `shutdown`, which takes it down again.
 * @throws Error in words for the operator, or when the shutdown has begun meanwhile
 */
export async function start(shutdown: Shutdown): Promise<void> {
  const starting = startLocalServices(loadConfig());
  shutdown.add(async () => (await starting).stop());
  const { config } = await starting;

  const app = await createApp(config);
  endOnUncaughtError(shutdown);
  const connections = new Connections(app.getHttpServer());
  shutdown.add((hurry) => stopApp(app, connections, hurry));

  await startInternalListener(app);
  await boot(app);
}
