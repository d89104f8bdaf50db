import { Shutdown } from './runtime/shutdown.js';
import { explainFailure } from './runtime/start-failure.js';

// Signals first: reading the modules of the application is most of a start, and one that comes meanwhile ends it with code 0.
const shutdown = new Shutdown();
try {
  const { start } = await import('./start.js');
  await start(shutdown);
} catch (error) {
  if (!shutdown.isUnderWay) {
    process.stderr.write(`${explainFailure(error)}\n`);
    await shutdown.run(1);
  }
}
