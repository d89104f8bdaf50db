import { Counter } from 'prom-client';
import { droppedLines } from '../../logging/dropped-lines.js';

/** The log counts for itself, since it is there before the metrics are. */
export function registerLogMetrics(): void {
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that could not be written: its reader is slow or gone, or the disk is full.',
    labelNames: ['destination'],
    collect() {
      this.reset();
      for (const [destination, count] of Object.entries(droppedLines)) this.inc({ destination }, count);
    },
  });
}
