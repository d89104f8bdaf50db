const hurryMs = 1500;

/** Takes one part of the process down. `hurry` aborts when waiting is over, after a second signal. */
type Step = (hurry: AbortSignal) => Promise<void>;

/**
 * The end of the process: SIGTERM or SIGINT takes down what was started, newest first, and ends it with code 0; within two
 * seconds after a second signal. Imports nothing, so that it listens from the first moment on.
 */
export class Shutdown {
  private readonly steps: Step[] = [];
  private readonly hurry = new AbortController();
  private running?: Promise<never>;
  private begun?: () => void;

  constructor(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']) {
    for (const signal of signals) process.on(signal, () => this.heed());
  }

  get isUnderWay(): boolean {
    return this.running !== undefined;
  }

  /** Tells how to take down what is being started. @throws Error when the end has begun: then the start should go no further */
  add(step: Step): void {
    if (this.isUnderWay) throw new Error('The process is ending');
    this.steps.push(step);
  }

  /** Has somebody told at once when the end begins. */
  whenBegun(listener: () => void): void {
    this.begun = listener;
  }

  /** Takes everything down and exits. */
  run(exitCode: number): Promise<never> {
    return (this.running ??= this.takeDown(exitCode));
  }

  /** Takes everything down and exits within two seconds. */
  hasten(exitCode = 0): void {
    void this.run(exitCode);
    if (this.hurry.signal.aborted) return;
    this.hurry.abort();
    setTimeout(() => process.exit(exitCode), hurryMs);
  }

  private heed(): void {
    if (this.isUnderWay) this.hasten();
    else void this.run(0);
  }

  private async takeDown(exitCode: number): Promise<never> {
    this.begun?.();
    for (const step of this.steps.reverse()) {
      try {
        await step(this.hurry.signal);
      } catch (error) {
        // Whatever could not be stopped ends with the process.
        process.stderr.write(`While stopping: ${(error as Error).message}\n`);
      }
    }
    process.exit(exitCode);
  }
}
