import { jsonPage, problemPage, type Page, type Pages } from '../internal-server.js';
import { cpuPercent } from '../process-usage.js';
import { addUp, isCumulative, type MetricSnapshot, type Snapshot } from './snapshot.js';
import type { WorkerProcess } from './worker-process.js';

/** A worker that does not answer in this time is shown with the counters that it told last. */
const metricsTimeoutMs = 1000;
/** More than the probe of a database takes. */
const healthTimeoutMs = 2500;

/** Why a worker was replaced; the values of a label. */
const reasons = ['exit', 'hung', 'max_requests', 'reload'] as const;
export type RestartReason = (typeof reasons)[number];

/** What METRICS_PORT shows of all workers together. Counters include workers that are gone, so they never fall. */
export class WorkerMetrics {
  private gone: Snapshot = [];
  private readonly restarts = new Map<RestartReason, number>(reasons.map((reason) => [reason, 0]));

  constructor(
    private readonly wanted: number,
    private readonly workers: Set<WorkerProcess>,
  ) {}

  get pages(): Pages {
    return {
      '/metrics': () => this.read(),
      '/health/detailed': () => this.readHealth(),
      '/health/live': () => Promise.resolve(this.readLiveness()),
    };
  }

  countRestart(reason: RestartReason): void {
    this.restarts.set(reason, (this.restarts.get(reason) ?? 0) + 1);
  }

  /** Takes a worker that has ended from the list, and keeps its counters. */
  bury(worker: WorkerProcess): void {
    this.workers.delete(worker);
    this.gone = addUp(this.gone, worker.counters);
  }

  async read(): Promise<Page> {
    const fresh = new Map<WorkerProcess, Snapshot>();
    await Promise.all(
      [...this.workers].map(async (worker) => {
        const all = await worker.conversation.ask<Snapshot>('metrics', metricsTimeoutMs).catch(() => undefined);
        if (!all) return;
        fresh.set(worker, all);
        // What somebody has seen must not be lost with the worker.
        worker.counters = all.filter(isCumulative);
      }),
    );
    // Loaded by the first who asks: it would be a third of this process.
    const { AggregatorRegistry } = await import('prom-client');
    // No pause from here on, or a worker that ends meanwhile would count twice.
    const living = [...this.workers].map((worker) => fresh.get(worker) ?? worker.counters);
    const registry = AggregatorRegistry.aggregate([this.own(), this.gone, ...living] as never[]);
    return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
  }

  /** Any worker knows about the dependencies. */
  private async readHealth(): Promise<Page> {
    for (const worker of this.workers) {
      if (!worker.isServing || !worker.isPresent) continue;
      const page = await worker.conversation.ask<Page>('health', healthTimeoutMs).catch(() => undefined);
      if (page) return page;
    }
    return problemPage(503, { code: 'not_ready', detail: 'No worker answers.' });
  }

  /** Alive is who can serve: with no worker, this process alone is none. */
  private readLiveness(): Page {
    const up = this.countUp();
    const isAlive = [...this.workers].some((worker) => worker.isPresent);
    return isAlive
      ? jsonPage({ status: 'ok', workers: { wanted: this.wanted, up } })
      : problemPage(503, { code: 'not_live', detail: 'There is no worker.' });
  }

  private countUp(): number {
    return [...this.workers].filter((worker) => worker.isServing && worker.isPresent).length;
  }

  private own(): Snapshot {
    return [
      metric('gauge', 'workers_wanted', 'Workers that there should be', [[this.wanted]]),
      metric('gauge', 'workers_up', 'Workers that serve', [[this.countUp()]]),
      metric(
        'counter',
        'worker_restarts_total',
        'Workers that were replaced, by reason',
        [...this.restarts].map(([reason, count]) => [count, { reason }]),
      ),
      // The supervisor's own share, which is added to that of the workers.
      metric('gauge', 'memory_usage_bytes', 'Resident memory of all processes', [[process.memoryUsage.rss()]]),
      metric('gauge', 'cpu_usage_percent', 'CPU that all processes use, in per cent of all cores', [[cpuPercent()]]),
    ];
  }
}

function metric(
  type: MetricSnapshot['type'],
  name: string,
  help: string,
  values: (readonly [value: number, labels?: Record<string, string>])[],
): MetricSnapshot {
  return { type, name, help, aggregator: 'sum', values: values.map(([value, labels = {}]) => ({ value, labels })) };
}
