// Preloaded into the product: SIGUSR2 has it tell, as a line of its log, how many bytes JavaScript has allocated so far, and
// how many are in the old generation, with those that nobody needs any more, and what is loaded that need not be.
import { writeSync } from 'node:fs';
import Module from 'node:module';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** The first of them loads the data of ICU. */
const formats = [];
Intl.DateTimeFormat = class DateTimeFormat extends Intl.DateTimeFormat {
  constructor(...options) {
    super(...options);
    formats.push('Intl.DateTimeFormat');
  }
};

process.on('SIGUSR2', () => {
  const bytes = getHeapStatistics().total_allocated_bytes;
  const old = getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size;
  const undici = process.moduleLoadList.filter((name) => name.includes('undici'));
  const pg = Object.keys(Module._cache).filter((file) => file.includes('/pg/'));
  const needless = [...undici, ...pg, ...formats];
  writeSync(1, `${JSON.stringify({ level: 'info', event: 'allocated', bytes, old, needless })}\n`);
});
