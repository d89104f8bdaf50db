import type { Change } from './change.ts';

const context = 3;

/** The changes as a unified diff, as `git diff` prints it. */
export function unifiedDiff(changes: readonly Change[]): string {
  return changes.map(fileDiff).join('');
}

function fileDiff({ path, before, after }: Change): string {
  const marked = markedLines(linesOf(before), linesOf(after));
  const head = `--- ${before === null ? '/dev/null' : `a/${path}`}\n+++ ${after === null ? '/dev/null' : `b/${path}`}\n`;
  return head + hunks(marked).join('');
}

function linesOf(text: string | null): string[] {
  return text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Every line with its mark. What both ends share is cut off first, the rest is compared by the longest common subsequence. */
function markedLines(a: readonly string[], b: readonly string[]): string[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const same = (line: string) => ` ${line}`;
  return [...a.slice(0, start).map(same), ...compared(x, y), ...a.slice(a.length - end).map(same)];
}

function compared(x: readonly string[], y: readonly string[]): string[] {
  const lengths = Array.from({ length: x.length + 1 }, () => new Array<number>(y.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      lengths[i]![j] = x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const marked: string[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) [marked[marked.length], i, j] = [` ${x[i]}`, i + 1, j + 1];
    else if (i < x.length && (j === y.length || at(i + 1, j) >= at(i, j + 1))) marked.push(`-${x[i++]}`);
    else marked.push(`+${y[j++]}`);
  }
  return marked;
}

function hunks(marked: readonly string[]): string[] {
  const changed = marked.flatMap((line, index) => (line.startsWith(' ') ? [] : [index]));
  const ranges: [start: number, end: number][] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    const end = Math.min(marked.length, index + context + 1);
    if (last && index - context <= last[1]) last[1] = end;
    else ranges.push([Math.max(0, index - context), end]);
  }
  return ranges.map(([start, end]) => hunk(marked, start, end));
}

function hunk(marked: readonly string[], start: number, end: number): string {
  const count = (from: number, to: number, mark: string) =>
    marked.slice(from, to).filter((line) => line.startsWith(' ') || line.startsWith(mark)).length;
  const range = (mark: string) => {
    const length = count(start, end, mark);
    return `${count(0, start, mark) + (length > 0 ? 1 : 0)},${length}`;
  };
  return `@@ -${range('-')} +${range('+')} @@\n${marked.slice(start, end).join('\n')}\n`;
}
