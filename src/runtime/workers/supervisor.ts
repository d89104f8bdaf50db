import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AppConfig } from '../../config/app-config.js';
import { Balance } from './balance.js';
import { EarlyDeaths } from './early-deaths.js';
import { LifeSigns } from './life-signs.js';
import { Replacements } from './replacements.js';
import { WorkerMetrics } from './worker-metrics.js';
import { WorkerProcess, type Ending } from './worker-process.js';

const wellAfterMs = 1000;
/** What a worker may take to close its pools after its last request. */
const closingSeconds = 5;

export interface SupervisorPlan {
  readonly config: AppConfig;
  readonly log: Logger;
  /** Starts the process of a worker; the first of all logs its start. */
  spawn(number: number, isFirst: boolean): ChildProcess;
  /** All workers serve, for the first time. */
  serving(addresses: string): void;
  /** It is of no use to go on, for this reason. */
  giveUp(reason: string): void;
}

/** Keeps WEB_CONCURRENCY workers running, and replaces them when they die, hang, are worn or shall start anew. */
export class Supervisor {
  readonly metrics: WorkerMetrics;
  private readonly workers = new Set<WorkerProcess>();
  private readonly earlyDeaths = new EarlyDeaths();
  private readonly replacements: Replacements;
  private hasStarted = false;
  private hasServed = false;
  private isStopping = false;

  constructor(private readonly plan: SupervisorPlan) {
    const { config, log } = plan;
    this.metrics = new WorkerMetrics(config.webConcurrency, this.workers);
    this.replacements = new Replacements(log, {
      present: () => this.present,
      succeed: () => this.add(true),
      retire: (worker, reason) => {
        this.metrics.countRestart(reason);
        worker.end('retire', config.gracefulTimeout + closingSeconds);
      },
    });
  }

  start(): void {
    new LifeSigns(this.plan.config.workerTimeout, this.workers, (worker) => this.killHung(worker)).watch();
    new Balance(this.workers).watch();
    this.keepUp();
  }

  /** Replaces all workers, one after the other. Resolves when that is done, or has failed and was logged. */
  reload(): Promise<void> {
    return this.replacements.reload();
  }

  /** Ends all workers at once, each in its own time, which `hurry` cuts down to two seconds. */
  async stop(hurry: AbortSignal): Promise<void> {
    const { drainDelay, gracefulTimeout } = this.plan.config;
    this.isStopping = true;
    this.replacements.stop();
    for (const worker of this.workers) worker.end('drain', drainDelay + gracefulTimeout + closingSeconds);
    hurry.addEventListener('abort', () => this.workers.forEach((worker) => worker.hurry()));
    // Whoever is left then must not outlive this process.
    process.once('exit', () => this.workers.forEach((worker) => worker.kill()));
    await Promise.all([...this.workers].map((worker) => worker.exited));
  }

  private get present(): readonly WorkerProcess[] {
    return [...this.workers].filter((worker) => worker.isPresent);
  }

  private keepUp(): void {
    if (this.isStopping) return;
    for (let count = this.present.length; count < this.plan.config.webConcurrency; count++) this.add(false);
  }

  private add(isSuccessor: boolean): WorkerProcess {
    const number = this.freeNumber();
    const worker = new WorkerProcess(this.plan.spawn(number, !this.hasStarted), number);
    this.hasStarted = true;
    this.workers.add(worker);
    worker.conversation.answer('metrics', () => this.metrics.read());
    worker.once('listening', () => this.trust(worker));
    worker.once('serving', (addresses) => this.welcome(addresses));
    worker.once('leaving', () => this.keepUp());
    worker.once('worn', () => void this.replacements.replace(worker, 'max_requests'));
    worker.once('exit', (ending) => this.react(worker, ending, isSuccessor));
    worker.once('end', () => this.metrics.bury(worker));
    return worker;
  }

  private freeNumber(): number {
    const taken = new Set([...this.workers].map(({ number }) => number));
    let number = 1;
    while (taken.has(number)) number++;
    return number;
  }

  private trust(worker: WorkerProcess): void {
    void sleep(wellAfterMs).then(() => {
      if (!worker.hasExited) this.earlyDeaths.clear();
    });
  }

  private welcome(addresses: string): void {
    if (this.hasServed || this.present.some(({ isServing }) => !isServing)) return;
    this.hasServed = true;
    this.plan.serving(addresses);
  }

  private killHung(worker: WorkerProcess): void {
    const seconds = Math.round((performance.now() - worker.lastSignAt) / 1000);
    this.plan.log.error({
      event: 'worker_hung',
      workerPid: worker.pid,
      msg: `No sign of life for ${seconds} s: killed`,
    });
    worker.isHung = true;
    worker.kill();
  }

  private react(worker: WorkerProcess, ending: Ending, isSuccessor: boolean): void {
    if (this.isStopping) return;
    if (!this.hasServed && worker.failure !== undefined) {
      this.plan.giveUp(worker.failure);
      return;
    }
    if (worker.isLeaving && ending.code === 0) return;
    const how = describe(worker, ending);
    this.plan.log.error({ event: 'worker_died', workerPid: worker.pid, ...ending, msg: `A worker ${how}` });
    // Whoever was to take over from another is missed by nobody.
    if (worker.isLeaving || (isSuccessor && !worker.isServing)) this.keepUp();
    else this.replaceDead(worker, how);
  }

  private replaceDead(worker: WorkerProcess, how: string): void {
    this.metrics.countRestart(worker.isHung ? 'hung' : 'exit');
    const { listeningSince } = worker;
    const wasWell = listeningSince !== undefined && performance.now() - listeningSince >= wellAfterMs;
    if (!wasWell) this.earlyDeaths.add(performance.now());
    if (this.earlyDeaths.areHopeless) {
      const times = `${this.earlyDeaths.count} workers in a row ended before they listened, or within a second of it`;
      this.plan.giveUp(`Giving up: ${times}; the last ${how}`);
      return;
    }
    void sleep(wasWell ? 0 : this.earlyDeaths.pauseMs).then(() => this.keepUp());
  }
}

function describe({ failure }: WorkerProcess, { code, signal }: Ending): string {
  const how = signal ? `was killed by ${signal}` : `exited with code ${code ?? 'unknown'}`;
  return failure === undefined ? how : `${how}: ${failure}`;
}
