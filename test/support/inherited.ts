import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a product that a spec starts inherits: programs, a home, and the compiled code of the last start, for speed. */
export const inherited = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  // `FAST_PATHS_OFF=all npm test` runs everything without the shortcuts.
  FAST_PATHS_OFF: process.env.FAST_PATHS_OFF,
  NODE_COMPILE_CACHE: join(tmpdir(), `mainstay-compile-cache-${process.getuid?.() ?? 0}`),
};
