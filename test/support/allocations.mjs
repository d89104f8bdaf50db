// Preloaded into the product: SIGUSR2 has it tell how many bytes JavaScript has allocated so far, as a line of its log.
import { writeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';

process.on('SIGUSR2', () => {
  const bytes = getHeapStatistics().total_allocated_bytes;
  writeSync(1, `${JSON.stringify({ level: 'info', event: 'allocated', bytes })}\n`);
});
