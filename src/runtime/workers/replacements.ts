import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RestartReason } from './worker-metrics.js';
import type { WorkerProcess } from './worker-process.js';

const retryAfterMs = 10_000;

interface Crew {
  present(): readonly WorkerProcess[];
  /** Starts one more. */
  succeed(): WorkerProcess;
  /** Tells one to end that is no longer needed. */
  retire(worker: WorkerProcess, reason: RestartReason): void;
}

/** Planned replacements, one at a time: a worker is told to go only when its successor serves. */
export class Replacements {
  private turn: Promise<unknown> = Promise.resolve();
  private isReloadWaiting = false;
  private isStopped = false;

  constructor(
    private readonly log: Logger,
    private readonly crew: Crew,
  ) {}

  stop(): void {
    this.isStopped = true;
  }

  /** Replaces one, when its turn comes. What fails is tried again later, as long as the worker is there. */
  async replace(worker: WorkerProcess, reason: RestartReason): Promise<void> {
    while (!(await this.queue(() => this.exchange(worker, reason)))) {
      await sleep(retryAfterMs, undefined, { ref: false });
    }
  }

  /** Replaces all that are present, up to the first failure. Asked again while it waits for its turn, it does so once. */
  async reload(): Promise<void> {
    if (this.isReloadWaiting) return;
    this.isReloadWaiting = true;
    await this.queue(async () => {
      this.isReloadWaiting = false;
      this.log.info({ event: 'reloading', msg: 'Replacing the workers one by one' });
      for (const worker of this.crew.present()) {
        if (await this.exchange(worker, 'reload')) continue;
        this.log.error({ event: 'reload_failed', msg: 'The reload has stopped; the workers that were there go on' });
        return;
      }
      if (!this.isStopped) this.log.info({ event: 'reloaded', msg: 'All workers are new' });
    });
  }

  /** @returns false when the successor failed, and the worker goes on */
  private async exchange(worker: WorkerProcess, reason: RestartReason): Promise<boolean> {
    if (this.isStopped || !worker.isPresent) return true;
    const successor = this.crew.succeed();
    if (!(await successor.settled)) {
      const why = successor.failure ?? 'it ended before it served';
      if (!this.isStopped) this.log.error({ event: 'successor_failed', reason, msg: `No successor: ${why}` });
      return this.isStopped;
    }
    if (this.isStopped) return true;
    this.log.info({ event: 'worker_replaced', reason, workerPid: worker.pid, successorPid: successor.pid });
    this.crew.retire(worker, reason);
    await worker.exited;
    return true;
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
