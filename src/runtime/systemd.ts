import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const giveUpMs = 5000;
const lastWordsMs = 1000;

/** What systemd tells a service of Type=notify about itself; empty when nothing is to be told to it. */
export interface ServiceSettings {
  readonly notifySocket?: string;
  readonly watchdogMicroseconds?: number;
}

/**
 * Tells systemd how the service is (sd_notify(3)). Node has no datagram sockets of the Unix kind, so systemd's own program
 * says it; the unit needs NotifyAccess=all.
 */
export class ServiceManager {
  private saying: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: ServiceSettings,
    private readonly warn: (line: string) => void,
  ) {}

  /** The service can be used; from now on the watchdog is told twice in its span that it lives. */
  ready(): void {
    this.serving();
    const { watchdogMicroseconds } = this.settings;
    if (watchdogMicroseconds) setInterval(() => void this.say('WATCHDOG=1'), watchdogMicroseconds / 2000).unref();
  }

  /** Announces a reload; the function that it gives tells of its end. */
  reloading(): () => void {
    // On Linux hrtime is CLOCK_MONOTONIC, as systemd wants it.
    void this.say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, 'STATUS=Reloading');
    return () => this.serving();
  }

  stopping(): void {
    void this.say('STOPPING=1', 'STATUS=Finishing what is in flight');
  }

  /** Resolves when all has been said, or can't be waited for: a process that ends takes along what it has yet to say. */
  async settled(): Promise<void> {
    await Promise.race([this.saying, sleep(lastWordsMs)]);
  }

  private serving(): void {
    void this.say('READY=1', 'STATUS=Serving');
  }

  /** One after the other, so that they arrive in this order. */
  private say(...assignments: string[]): Promise<void> {
    if (!this.settings.notifySocket) return Promise.resolve();
    return (this.saying = this.saying.then(() => this.run(assignments)));
  }

  private run(assignments: string[]): Promise<void> {
    return new Promise((resolve) => {
      const program = spawn('systemd-notify', assignments, { stdio: 'ignore', timeout: giveUpMs });
      program.once('error', (error) => {
        this.warn(`systemd is not told ${assignments.join(' ')}: ${error.message}`);
        resolve();
      });
      program.once('exit', () => resolve());
    });
  }
}
