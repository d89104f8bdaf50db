import { read } from './run.js';

const { version: current } = JSON.parse(read('package.json')) as { version: string };

/** The version that this working copy would be released as. */
export const version = current;

const blocks = new Map(
  [...read('docs/deployment.md').matchAll(/<!-- run: ([\w-]+) -->\n\n```\w+\n([^]*?)```/g)].map(
    ([, name = '', text = '']) => [name, text.replaceAll('0.1.0', version)],
  ),
);

export const blockNames = [...blocks.keys()];

/** What docs/deployment.md tells people to type, so that a test can type it. @throws Error when there is no such block */
export function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`docs/deployment.md has no block ${name}`);
  return text;
}
