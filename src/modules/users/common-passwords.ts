import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '@': 'a',
  $: 's',
};
const shortestWord = 4;

let known: ReadonlySet<string> | undefined;

/**
 * Whether a password is among the 49,000 that leaks hold most often, also when dressed up: other case, digits and signs
 * at the end, letters swapped for lookalikes (NIST SP 800-63B, section 3.1.1.2).
 */
export function isCommonPassword(password: string): boolean {
  known ??= loadPasswords();
  const lower = password.toLowerCase();
  const bare = lower.replace(/[^\p{L}]+$/u, '');
  return [lower, bare, plain(lower), plain(bare)].some((word) => word.length >= shortestWord && known!.has(word));
}

function plain(word: string): string {
  return word.replaceAll(/[01345@$]/g, (sign) => lookalikes[sign] ?? sign);
}

/** Loaded at the first registration: start-up and idle memory need not pay for it. */
function loadPasswords(): ReadonlySet<string> {
  const { dictionary } = require('@zxcvbn-ts/language-common') as { dictionary: { 'passwords-common': string[] } };
  return new Set(dictionary['passwords-common']);
}
