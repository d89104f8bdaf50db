import { execFile, type ExecFileOptions } from 'node:child_process';
import { chown, lchown, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, findAccount, mayEnter } from './account.js';

const execute = promisify(execFile);

/** A program with its arguments, as child_process takes it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly cwd: string; readonly uid?: number; readonly gid?: number };
}

/**
 * Starts PostgreSQL's programs as a user that PostgreSQL accepts. It refuses root, so root starts them as the owner of an
 * existing cluster, else as `postgres` or `nobody`; anybody else starts them as themselves.
 */
export class Launcher {
  private constructor(
    private readonly cwd: string,
    private readonly account?: Account,
    private readonly wrapper: readonly string[] = [],
  ) {}

  /**
   * @param dataDir folder that holds the cluster
   * @param program one of the programs that will run
   * @throws Error when root finds no account that can reach both
   */
  static async create(dataDir: string, clusterDir: string, program: string): Promise<Launcher> {
    if (process.geteuid?.() !== 0) return new Launcher(dataDir);
    const account = await findAccount(dataDir, clusterDir);
    const reachable = (await canReach(dataDir, account)) && (await canReach(program, account));
    if (reachable) return new Launcher(dataDir, account);

    // The project lies in a folder that only root may enter, such as /root: lend the one capability that opens folders.
    // Without the secure bit access(2), by which initdb looks for its parts, would not count it.
    const wrapper = [
      'setpriv',
      '--securebits=+no_setuid_fixup',
      `--reuid=${account.uid}`,
      `--regid=${account.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--',
    ];
    const launcher = new Launcher(dataDir, account, wrapper);
    await launcher.run(program, ['--version']).catch((error: unknown) => {
      throw new Error(
        `PostgreSQL refuses to run as root, and the user ${account.name} can't enter ${dataDir} and ${dirname(program)}. ` +
          'Move the project to a folder that others may enter, run it as an ordinary user, or set DATABASE_URL.',
        { cause: error },
      );
    });
    return launcher;
  }

  command(program: string, args: readonly string[]): Command {
    const [file = program, ...rest] = [...this.wrapper, program, ...args];
    const identity = this.account && this.wrapper.length === 0 ? { uid: this.account.uid, gid: this.account.gid } : {};
    return { file, args: rest, options: { cwd: this.cwd, ...identity } };
  }

  /**
   * Runs a program to its end and gives back what it printed.
   * @throws Error with the program's own words
   */
  async run(program: string, args: readonly string[], input = ''): Promise<string> {
    const { file, args: all, options } = this.command(program, args);
    const execution = execute(file, all, options satisfies ExecFileOptions);
    // A program that ends before it reads closes the pipe; its exit code tells more than EPIPE would.
    execution.child.stdin?.on('error', () => undefined).end(input);
    const { stdout } = await execution.catch((error: Error & { stderr?: string }) => {
      const words = error.stderr?.trim() || error.message;
      throw new Error(`${basename(program)} failed: ${words}`, { cause: error });
    });
    return stdout;
  }

  /** Hands a file or an empty folder over to the account that the programs run as. */
  async handOver(path: string): Promise<void> {
    if (this.account) await chown(path, this.account.uid, this.account.gid);
  }

  /** Hands over a folder with all in it, when root owns it: a copy or a restored backup, say. */
  async handOverTree(dir: string): Promise<void> {
    if (!this.account || (await stat(dir)).uid !== 0) return;
    for (const path of await readdir(dir, { recursive: true })) {
      await lchown(join(dir, path), this.account.uid, this.account.gid);
    }
    await this.handOver(dir);
  }
}

async function canReach(path: string, account: Account): Promise<boolean> {
  for (let current = path; ; current = dirname(current)) {
    if (!mayEnter(await stat(current), account)) return false;
    if (current === dirname(current)) return true;
  }
}
