import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A random secret kept in a file, so that tokens outlive a restart in development.
 * @throws Error that says what to set, when the folder can't be used
 */
export function developmentSecret(dataDir: string): string {
  const file = join(dataDir, 'secret-key');
  try {
    mkdirSync(dataDir, { recursive: true });
    // The flag makes the first of several processes win; the others read what it wrote.
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') {
      throw new Error(`No key of its own can be kept (${message}): set SECRET_KEY, or DATA_DIR to another folder`, {
        cause: error,
      });
    }
  }
  return readFileSync(file, 'utf8');
}
