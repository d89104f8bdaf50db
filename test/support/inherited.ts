import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a product that a spec starts inherits: programs, a home, and the compiled code of the last start, for speed. */
export const inherited = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NODE_COMPILE_CACHE: join(tmpdir(), `mainstay-compile-cache-${process.getuid?.() ?? 0}`),
};
