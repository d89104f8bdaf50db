import { Logger } from '@nestjs/common';

type Hook = () => void | Promise<void>;

const hooks: Hook[] = [];

/** Has something read anew on SIGHUP in a process that serves by itself; workers are replaced instead. */
export function onReload(hook: Hook): void {
  hooks.push(hook);
}

/**
 * SIGHUP, which would end the process, runs the hooks. A hook that fails is logged, and what it had before stays in use.
 * @param announce is called when a reload begins; what it gives, when it has ended
 */
export function reloadOnHangUp(announce: () => () => void): void {
  const logger = new Logger('Reload');
  process.on('SIGHUP', () => {
    logger.log({
      event: 'reloading',
      msg: 'SIGHUP: there are no workers to replace; settings stay until a restart (WEB_CONCURRENCY, MAX_REQUESTS)',
    });
    const reloaded = announce();
    void Promise.all(hooks.map((hook) => run(hook, logger))).then(reloaded);
  });
}

async function run(hook: Hook, logger: Logger): Promise<void> {
  try {
    await hook();
  } catch (error) {
    logger.error({ event: 'reload_failed', err: error });
  }
}
