import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One file before and after; null is a file that is not there. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Writes the changes, and takes back those that were made when one fails. */
export function applyChanges(root: string, changes: readonly Change[]): void {
  const made: Change[] = [];
  try {
    for (const change of changes) {
      made.push(change);
      write(root, change.path, change.after);
    }
  } catch (error) {
    for (const { path, before } of made.reverse()) write(root, path, before);
    throw error;
  }
}

function write(root: string, path: string, text: string | null): void {
  const file = join(root, path);
  if (text !== null) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  rmSync(file, { force: true });
  // No empty folder is left behind.
  for (let folder = dirname(file); readdirSync(folder).length === 0; folder = dirname(folder)) rmdirSync(folder);
}
