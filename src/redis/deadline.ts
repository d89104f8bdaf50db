/** A call had no answer in time; what it asked for may still happen. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/**
 * Settles as `call` does, or rejects after `ms` milliseconds.
 * @throws DeadlineError
 */
export function withDeadline<T>(call: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // After a stall of this process answers lie unread in the socket; one turn lets them win over the timer.
      setImmediate(() => reject(new DeadlineError(ms)));
    }, ms);
    call.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
