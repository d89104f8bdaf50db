import { createHistogram } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';

const checkEveryMs = 100;

/** How late the event loop runs what is due: the time that every request in this process waits before anything else. */
@Injectable()
export class EventLoopDelay implements OnModuleInit, OnModuleDestroy {
  private readonly limitMs: number;
  private dueAt = Infinity;
  private wasLate = false;
  private timer?: NodeJS.Timeout;
  /** Milliseconds, at the last check. */
  lateMs = 0;
  /** Nanoseconds, at each check since somebody reset it. */
  readonly late = createHistogram();
  /** Late at two checks in a row: one may be a single pause, after which what has waited is served fastest. */
  isTooLate = false;

  constructor({ maxEventLoopDelay }: AppConfig) {
    this.limitMs = maxEventLoopDelay > 0 ? maxEventLoopDelay * 1000 : Infinity;
  }

  onModuleInit(): void {
    this.dueAt = performance.now() + checkEveryMs;
    this.timer = setInterval(() => this.check(performance.now()), checkEveryMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** @param now milliseconds of the monotonic clock */
  check(now: number): void {
    this.lateMs = Math.max(0, now - this.dueAt);
    this.dueAt = now + checkEveryMs;
    this.late.record(Math.max(1, Math.round(this.lateMs * 1e6)));
    const isLate = this.lateMs > this.limitMs;
    this.isTooLate = isLate && this.wasLate;
    this.wasLate = isLate;
  }
}
