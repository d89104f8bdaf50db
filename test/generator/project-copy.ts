import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The parts of the project that the generator reads and writes, in a folder of their own. */
export function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'generator-'));
  for (const part of ['src', 'test', '.prettierrc.json']) {
    cpSync(part, join(folder, part), { recursive: true });
  }
  return folder;
}

/** Every file and what it holds. */
export function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}
