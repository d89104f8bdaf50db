import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Brings two changes of one text together, by `git merge-file`. @returns undefined when they touch the same place */
export function merged(mine: string, base: string, theirs: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'generate-'));
  try {
    const paths = Object.entries({ mine, base, theirs }).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const { status, stdout } = spawnSync('git', ['merge-file', '--stdout', ...paths], { encoding: 'utf8' });
    return status === 0 ? stdout : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
