import { readFileSync, readdirSync } from 'node:fs';

// Linux reports CPU times in units of 1/100 s to user space, whatever its own tick (USER_HZ).
const millisecondsPerTick = 10;

/**
 * CPU time that a process and all its descendants have used so far, user and system, in milliseconds.
 * @param {number} pid
 */
export function cpuMilliseconds(pid) {
  return processTree(pid).reduce((sum, { ticks }) => sum + ticks * millisecondsPerTick, 0);
}

/**
 * Resident memory of a process and all its descendants, in MiB. Shared pages count once for each process.
 * @param {number} pid
 */
export function residentMebibytes(pid) {
  const kibibytes = processTree(pid).map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  });
  return kibibytes.reduce((sum, value) => sum + value, 0) / 1024;
}

/**
 * A process and its living descendants; the time of dead children that were waited for is in their parent's.
 * @param {number} root
 */
function processTree(root) {
  const all = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readStat(Number(entry)) : []));
  const tree = all.filter(({ pid }) => pid === root);
  for (let i = 0; i < tree.length; i++) {
    tree.push(...all.filter(({ parent }) => parent === tree[i]?.pid));
  }
  if (tree.length === 0) throw new Error(`The process ${root} is gone.`);
  return tree;
}

/**
 * Parent and CPU ticks from /proc/<pid>/stat (proc_pid_stat(5)); nothing when the process has just ended.
 * @param {number} pid
 */
function readStat(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return [];
  }
  // The name in parentheses may hold blanks; what follows it does not. Field 3, the state, comes first.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
  return [{ pid, parent: Number(fields[1]), ticks: utime + stime + cutime + cstime }];
}
