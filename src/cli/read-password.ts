import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailure } from './command.js';

/**
 * Asks twice on a terminal, without showing what is typed; else reads the first line of standard input.
 * @throws CommandFailure when there is none, the two differ or the user gives up
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readLine();
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) !== password) throw new CommandFailure('The two passwords differ');
  return password;
}

async function readLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new CommandFailure('Standard input holds no password');
}

async function ask(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const givenUp = new AbortController();
  reader.on('close', () => givenUp.abort());
  process.stderr.write(prompt);
  try {
    return await reader.question('', { signal: givenUp.signal });
  } catch (error) {
    throw new CommandFailure('No password was given', { cause: error });
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
