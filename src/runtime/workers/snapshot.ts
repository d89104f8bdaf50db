/** One metric at one moment, as prom-client's getMetricsAsJSON() gives it; its own types differ from what it gives. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** How the values of several processes become one: sum, first, min, max, average or omit. */
  readonly aggregator: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly metricName?: string;
  }[];
}

/** The metrics of one process at one moment, in a form that can be sent to another. */
export type Snapshot = readonly MetricSnapshot[];

interface Metrics {
  getMetricsAsArray(): object[];
  getMetricsAsJSON(): Promise<object[]>;
}

export async function readAll(metrics: Metrics): Promise<Snapshot> {
  return (await metrics.getMetricsAsJSON()) as MetricSnapshot[];
}

/** What must not be lost with the process: counters and histograms. Gauges are left alone, as some ask a database. */
export async function readCounters(metrics: Metrics): Promise<Snapshot> {
  const all = metrics.getMetricsAsArray() as (Pick<MetricSnapshot, 'type'> & { get(): Promise<MetricSnapshot> })[];
  return Promise.all(all.filter(isCumulative).map((metric) => metric.get()));
}

export function isCumulative({ type }: Pick<MetricSnapshot, 'type'>): boolean {
  return type === 'counter' || type === 'histogram';
}

/** The sum of two snapshots of counters and histograms. */
export function addUp(a: Snapshot, b: Snapshot): Snapshot {
  const sums = new Map(a.map((metric) => [metric.name, metric]));
  for (const metric of b) {
    const other = sums.get(metric.name);
    sums.set(metric.name, other ? { ...metric, values: addValues(other.values, metric.values) } : metric);
  }
  return [...sums.values()];
}

function addValues(a: MetricSnapshot['values'], b: MetricSnapshot['values']): MetricSnapshot['values'] {
  const seriesOf = ({ metricName, labels }: MetricSnapshot['values'][number]) => JSON.stringify([metricName, labels]);
  const sums = new Map(a.map((entry) => [seriesOf(entry), entry]));
  for (const entry of b) {
    const series = seriesOf(entry);
    sums.set(series, { ...entry, value: entry.value + (sums.get(series)?.value ?? 0) });
  }
  return [...sums.values()];
}
