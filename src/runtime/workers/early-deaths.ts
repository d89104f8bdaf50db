const hopeless = 5;
const withinMs = 60_000;
const firstPauseMs = 100;
const longestPauseMs = 800;

/**
 * Deaths of workers that did not listen for a second, in a row: a start that fails and fails. What dies later, or once a
 * minute, is replaced for ever.
 */
export class EarlyDeaths {
  private times: number[] = [];

  /** Another one, at `now` milliseconds. */
  add(now: number): void {
    this.times = [...this.times.filter((time) => now - time < withinMs), now];
  }

  /** A worker did well: the row ends. */
  clear(): void {
    this.times = [];
  }

  get count(): number {
    return this.times.length;
  }

  /** Whether another try would be no use. */
  get areHopeless(): boolean {
    return this.count >= hopeless;
  }

  /** Milliseconds to wait before the next try; always less than a second. */
  get pauseMs(): number {
    return this.count < 2 ? 0 : Math.min(firstPauseMs * 2 ** (this.count - 2), longestPauseMs);
  }
}
