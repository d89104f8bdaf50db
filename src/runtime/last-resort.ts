import { Logger } from '@nestjs/common';
import type { Shutdown } from './shutdown.js';

/**
 * An error that nobody caught, rejections included, leaves the process in a state that nobody knows: it is logged by the
 * rules of the log, where Node would print all that the error holds, and the process ends with code 1.
 */
export function endOnUncaughtError(shutdown: Shutdown): void {
  process.on('uncaughtException', (error) => {
    new Logger('Process').fatal({ event: 'uncaught_error', err: error });
    void shutdown.run(1);
  });
}
