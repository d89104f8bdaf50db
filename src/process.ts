import { loadConfig } from './config/load-config.js';
import { Shutdown } from './runtime/shutdown.js';
import { explainFailure } from './runtime/start-failure.js';
import { SupervisorLink } from './runtime/workers/supervisor-link.js';
import { workerIdentity } from './runtime/workers/worker-arguments.js';

// Signals first: reading the modules of the application is most of a start, and one that comes meanwhile ends it with code 0.
const identity = workerIdentity();
const link = identity && new SupervisorLink(identity);
const shutdown = new Shutdown(link && ['SIGTERM']);
link?.obey(shutdown);
try {
  const config = loadConfig();
  if (config.isSupervised && !link) {
    const { supervise } = await import('./supervise.js');
    await supervise(config, shutdown);
  } else {
    const { start } = await import('./start.js');
    await start(config, shutdown, link);
  }
} catch (error) {
  if (!shutdown.isUnderWay) {
    const reason = explainFailure(error);
    if (link) await link.fail(reason);
    else process.stderr.write(`${reason}\n`);
    await shutdown.run(1);
  }
}
