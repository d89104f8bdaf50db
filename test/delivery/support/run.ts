import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');
export const tools = join(root, 'test/delivery/tools');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams, for messages. */
  readonly output: string;
}

/** Runs a program in the repository's root to its end. */
export function run(command: string, args: readonly string[] = [], env: Record<string, string> = {}): Finished {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  return { status, stdout, output: stdout + stderr };
}

/** What the program wrote. @throws Error with all that it said when it fails */
export function mustRun(command: string, args: readonly string[] = [], env: Record<string, string> = {}): string {
  const { status, stdout, output } = run(command, args, env);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${output}`);
  return stdout;
}

/** Runs a program while the test goes on. @throws Error with what it said on standard error when it fails */
export function finish(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });
}

/** A suite that needs a program of the machine; says so when there is none. */
export function describeWith(program: string, name: string, specs: () => void): void {
  const paths = (process.env.PATH ?? '').split(':');
  if (paths.some((path) => existsSync(join(path, program)))) return describe(name, specs);
  process.stderr.write(`*** SKIPPED for want of ${program}: ${name}\n`);
  describe.skip(name, specs);
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');
