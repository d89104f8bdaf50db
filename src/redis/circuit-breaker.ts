export interface CircuitBreakerOptions {
  readonly probeIntervalMs: number;
  /** Asks the dependency for a sign of life; a rejection means that there is none. */
  probe(): Promise<unknown>;
  onOpen(reason: Error): void;
  onClose(openMs: number): void;
}

/**
 * Remembers that a dependency is in trouble, so that callers need not find out one by one, and asks in the background
 * whether it is back. Callers check `isOpen`; nobody's request serves as the probe.
 */
export class CircuitBreaker {
  private openedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: CircuitBreakerOptions) {}

  get isOpen(): boolean {
    return this.openedAt !== undefined;
  }

  open(reason: Error): void {
    if (this.isOpen || this.stopped) return;
    this.openedAt = performance.now();
    this.options.onOpen(reason);
    this.scheduleProbe();
  }

  /** Asks now, in place of after the interval; closes the breaker when there is an answer. */
  probe(): void {
    if (!this.isOpen || this.stopped) return;
    clearTimeout(this.timer);
    this.options.probe().then(
      () => this.close(),
      () => this.scheduleProbe(),
    );
  }

  /** Ends probing and reporting for good. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private close(): void {
    if (this.openedAt === undefined || this.stopped) return;
    const openMs = performance.now() - this.openedAt;
    this.openedAt = undefined;
    clearTimeout(this.timer);
    this.options.onClose(openMs);
  }

  private scheduleProbe(): void {
    clearTimeout(this.timer);
    if (!this.isOpen || this.stopped) return;
    this.timer = setTimeout(() => this.probe(), this.options.probeIntervalMs).unref();
  }
}
