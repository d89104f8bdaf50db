import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AppConfig } from './config/app-config.js';
import { environmentWith } from './config/load-config.js';
import { createLogger } from './logging/logger.js';
import { servePages } from './runtime/internal-server.js';
import { startLocalServices } from './runtime/local-services.js';
import type { Shutdown } from './runtime/shutdown.js';
import { returnStartupMemory } from './runtime/startup-memory.js';
import { ServiceManager } from './runtime/systemd.js';
import { ListeningSocket } from './runtime/workers/listening-socket.js';
import { Supervisor } from './runtime/workers/supervisor.js';
import { workerArguments } from './runtime/workers/worker-arguments.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * The process that watches over workers and serves nothing itself, so it reads none of the application.
 * What is started is told to `shutdown`, which takes it down again.
 * @throws Error in words for the operator, or when the shutdown has begun meanwhile
 */
export async function supervise(settings: AppConfig, shutdown: Shutdown): Promise<void> {
  const log = (await createLogger(settings)).child({ context: 'Supervisor' });
  const end = (reason: string) => {
    process.stderr.write(`${reason}\n`);
    void shutdown.run(1);
  };
  process.on('uncaughtException', (err) => {
    log.fatal({ event: 'uncaught_error', err });
    void shutdown.run(1);
  });

  const starting = startLocalServices(settings);
  shutdown.add(async () => (await starting).stop());
  const { config } = await starting;
  const systemd = new ServiceManager(config, (line) => log.warn(line));
  shutdown.whenBegun(() => systemd.stopping());
  shutdown.add(() => systemd.settled());
  if (config.redisUrl === undefined) {
    log.warn('REDIS_URL is not set: each worker counts requests against the limits, and caches, by itself');
  }

  const socket = await ListeningSocket.bind(config);
  const supervisor = new Supervisor({
    config,
    log,
    spawn: (number, isFirst) =>
      fork(main, workerArguments(number, isFirst), {
        env: environmentWith({ DATABASE_URL: config.databaseUrl }),
        serialization: 'advanced',
        // The worker finds the socket at `inheritedDescriptor`, after the channel.
        stdio: ['ignore', 'inherit', 'inherit', 'ipc', socket.descriptor],
      }),
    serving: (addresses) => {
      returnStartupMemory();
      log.info({
        event: 'serving',
        msg: `Serving ${addresses} with ${config.webConcurrency === 1 ? '1 worker' : `${config.webConcurrency} workers`}`,
      });
      systemd.ready();
    },
    giveUp: (reason) => {
      log.fatal({ event: 'gave_up', msg: reason });
      end(reason);
    },
  });
  shutdown.add(async (hurry) => {
    const stopped = supervisor.stop(hurry);
    await socket.letGo(config.drainDelay * 1000, hurry);
    await stopped;
    log.info({ event: 'stopped', msg: 'Stopped' });
  });

  process.on('SIGHUP', () => {
    const reloaded = systemd.reloading();
    void supervisor.reload().then(reloaded);
  });
  if (config.metricsPort !== undefined) await servePages(supervisor.metrics.pages, config.metricsPort, config.host);
  supervisor.start();
}
