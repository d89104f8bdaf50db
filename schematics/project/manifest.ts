import { createHash } from 'node:crypto';
import type { ModuleDefinition } from '../definition/definition.ts';

/** What was generated, so that it can be changed and taken out again. */
export interface Manifest {
  readonly definition: ModuleDefinition;
  /** Of the migration that creates the table. */
  readonly timestamp: number;
  /** SHA-256 of each file as it was written, by path. */
  readonly files: Readonly<Record<string, string>>;
}

export function manifestPath(files: string): string {
  return `schematics/modules/${files}.json`;
}

export function readManifest(read: (path: string) => string | null, files: string): Manifest | undefined {
  const text = read(manifestPath(files));
  return text === null ? undefined : (JSON.parse(text) as Manifest);
}

export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
