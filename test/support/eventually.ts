import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `check` is true and returns how many milliseconds that took; fails after `timeoutMs`. */
export async function eventually(check: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<number> {
  const start = performance.now();
  while (!(await check())) {
    if (performance.now() - start > timeoutMs) throw new Error(`Not within ${timeoutMs} ms: ${check.toString()}`);
    await delay(5);
  }
  return performance.now() - start;
}
