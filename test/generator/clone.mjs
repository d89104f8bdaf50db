import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A clone of the last commit with the packages of this project. The caller removes its folder. */
export function cloneProject() {
  const root = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'generator-'));
  const clone = join(folder, 'project');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  const [from, to] = [join(root, 'node_modules'), join(clone, 'node_modules')];
  try {
    // Hard links where the file system has them: packages are only read.
    execFileSync('cp', ['-al', from, to], { stdio: 'pipe' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
  return { folder, clone };
}
