import type { Instance, World } from './world.js';

const everyMs = 250;
const timeoutMs = 5000;

/** Asks each instance whether it is alive, as a cluster does; whatever its neighbours do, it must say yes. */
export class Probes {
  readonly violations: string[] = [];
  count = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly world: World) {}

  start(): void {
    this.timer = setInterval(() => {
      for (const instance of this.world.instances) if (!instance.isDown) void this.probe(instance);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async probe(instance: Instance): Promise<void> {
    const { pid } = instance.product;
    this.count++;
    try {
      const { status } = await fetch(`${instance.url}/health/live`, { signal: AbortSignal.timeout(timeoutMs) });
      if (status !== 200) this.violations.push(`instance ${instance.name} was alive and answered ${status}`);
    } catch (error) {
      // A connection of a process that was meanwhile taken down, or of a worker that was killed, tells nothing.
      const isTimeout = (error as Error).name === 'TimeoutError';
      const isSame = !instance.isDown && instance.product.pid === pid;
      if (isTimeout && isSame) this.violations.push(`instance ${instance.name} did not answer for ${timeoutMs} ms`);
    }
  }
}
