// Does what docs/extending.md says, in a clone of the last commit: runs its commands and applies its diffs, in order.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { cloneProject } from './clone.mjs';

const { folder, clone } = cloneProject();
try {
  const blocks = readFileSync('docs/extending.md', 'utf8').matchAll(/^```(sh|diff)\n(.*?)^```$/gms);
  for (const [, kind, text = ''] of blocks) {
    if (kind === 'diff') run('git', ['apply', '--recount', '-'], text);
    else for (const command of text.trim().split('\n')) run('bash', ['-c', command]);
  }
  // The changes in other modules' files are the reader's own.
  run('git', ['checkout', '--', 'src/modules/audit']);
  const left = run('git', ['status', '--porcelain', '--untracked-files=all']);
  if (left !== '') throw new Error(`Something is left:\n${left}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, input = '') {
  const start = Date.now();
  try {
    return execFileSync(command, args, { cwd: clone, input, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e8 });
  } catch (error) {
    console.error(`${error.stdout}${error.stderr}`);
    // Without what the command wrote, which the error repeats.
    throw new Error(error.message.split('\n', 1)[0]);
  } finally {
    console.log(`${((Date.now() - start) / 1000).toFixed(1)}s`.padStart(7), args.join(' ').slice(0, 100));
  }
}
