import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// `npm run build` leaves the program in a few files besides, which are read in half the time (ADR 0007).
// `nest start` makes none, so that what it runs is always what was compiled last.
const bundled = new URL('./bundle/process.js', import.meta.url);
if (existsSync(bundled)) {
  // The first start leaves what V8 has compiled to the next ones, where it may write.
  enableCompileCache(fileURLToPath(new URL('./bundle/compiled', import.meta.url)));
  await import(bundled.href);
} else {
  await import('./process.js');
}
