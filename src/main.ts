import { createApp } from './app.setup.js';
import { loadConfig } from './config/load-config.js';
import { startLocalServices } from './runtime/local-services.js';
import { boot } from './runtime/boot.js';
import { startInternalListener } from './runtime/internal-listener.js';
import { explainFailure } from './runtime/start-failure.js';
import { stopOnSignals } from './runtime/shutdown.js';

try {
  const services = await startLocalServices(loadConfig());
  const app = await createApp(services.config);
  stopOnSignals(app, services);
  await startInternalListener(app);
  await boot(app);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
