import { existsSync } from 'node:fs';

// `npm run build` leaves the program in a few files besides, which are read in half the time (ADR 0007).
// `nest start` makes none, so that what it runs is always what was compiled last.
const bundled = new URL('./bundle/process.js', import.meta.url);
await import(existsSync(bundled) ? bundled.href : './process.js');
