import { explainFailure } from '../runtime/start-failure.js';

/** A command that was called wrongly: exit code 2, and the usage is shown. */
export class UsageError extends Error {}

/** A command that failed for a reason which its message tells in full. */
export class CommandFailure extends Error {}

/** What every command's usage ends with. */
export const exitCodes = 'Exit codes: 0 done, 1 failed, 2 called wrongly.';

/** Runs a command to its exit code; what went wrong is told on standard error, in words. `--help` shows the usage. */
export async function runCommand(usage: string, work: () => Promise<void>): Promise<void> {
  if (process.argv.slice(2).includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    await work();
  } catch (error) {
    const isCalledWrongly = error instanceof UsageError || isRefusedArgument(error);
    process.exitCode = isCalledWrongly ? 2 : 1;
    console.error(isCalledWrongly ? `${(error as Error).message}\n\n${usage}` : wordsOf(error));
  }
}

function wordsOf(error: unknown): string {
  return error instanceof CommandFailure ? error.message : explainFailure(error);
}

/** parseArgs refuses what it does not know, with words that a user understands. */
function isRefusedArgument(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}
