/** What tells a process that it is a worker; a supervisor starts it with these. */
export interface WorkerIdentity {
  /** The lowest number that no other worker has at the time. */
  readonly number: number;
  /** Whether it is the first that its supervisor has started, which logs its start. */
  readonly isFirst: boolean;
}

const role = 'worker';

export function workerArguments(number: number, isFirst: boolean): string[] {
  return [role, String(number), ...(isFirst ? ['first'] : [])];
}

/** The identity of this process, or undefined when it is no worker. */
export function workerIdentity(): WorkerIdentity | undefined {
  const [name, number, first] = process.argv.slice(2);
  return name === role && process.connected ? { number: Number(number), isFirst: first === 'first' } : undefined;
}
