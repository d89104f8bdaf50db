import { unifiedDiff } from './diff.ts';

describe('unifiedDiff', () => {
  it('shows new and deleted files whole', () => {
    expect(unifiedDiff([{ path: 'a', before: null, after: 'x\ny\n' }])).toBe(
      '--- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+x\n+y\n',
    );
    expect(unifiedDiff([{ path: 'a', before: 'x\n', after: null }])).toBe(
      '--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n',
    );
  });

  it('shows changed lines with three around them', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
    const after = before.map((line) => (line === '5' ? 'five' : line));
    expect(unifiedDiff([{ path: 'a', before: `${before.join('\n')}\n`, after: `${after.join('\n')}\n` }])).toBe(
      '--- a/a\n+++ b/a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });
});
