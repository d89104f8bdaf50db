import { readFileSync, readdirSync } from 'node:fs';

/**
 * CPU time that a process and its descendants have used so far, user and system, in milliseconds. It is summed over
 * their living threads, to the nanosecond; /proc/<pid>/stat has the same figure, cut to 10 ms.
 * @param {number} pid
 */
export function cpuMilliseconds(pid) {
  const times = processTree(pid).flatMap((member) =>
    readdirSync(`/proc/${member}/task`).map((thread) => {
      const [nanoseconds] = readFileSync(`/proc/${member}/task/${thread}/schedstat`, 'utf8').split(' ');
      return Number(nanoseconds);
    }),
  );
  return sum(times) / 1e6;
}

/**
 * Resident memory of a process and its descendants, in MiB. Shared pages count once for each process.
 * @param {number} pid
 */
export function residentMebibytes(pid) {
  const kibibytes = processTree(pid).map((member) => {
    const status = readFileSync(`/proc/${member}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  });
  return sum(kibibytes) / 1024;
}

/**
 * A process and its living descendants.
 * @param {number} root
 */
function processTree(root) {
  const all = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? parentOf(Number(entry)) : []));
  const tree = [root];
  for (const member of tree) {
    tree.push(...all.filter(({ parent }) => parent === member).map(({ pid }) => pid));
  }
  return tree;
}

/**
 * Nothing when the process has just ended.
 * @param {number} pid
 */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks; the state and the parent follow it (proc_pid_stat(5)).
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(parent) }];
  } catch {
    return [];
  }
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
