import { Gauge, register } from 'prom-client';
import type { EventLoopDelay } from '../../runtime/event-loop-delay.js';

type Figure = readonly [
  name: string,
  aggregator: 'average' | 'min' | 'max',
  nanoseconds: (delay: EventLoopDelay) => number,
];

const prefix = 'nodejs_eventloop_lag';
const figures: readonly Figure[] = [
  ['', 'average', ({ lateMs }) => lateMs * 1e6],
  ['_min', 'min', ({ late }) => late.min],
  ['_max', 'max', ({ late }) => late.max],
  ['_mean', 'average', ({ late }) => late.mean],
  ['_stddev', 'average', ({ late }) => late.stddev],
  ['_p50', 'average', ({ late }) => late.percentile(50)],
  ['_p90', 'average', ({ late }) => late.percentile(90)],
  ['_p99', 'average', ({ late }) => late.percentile(99)],
];

/** For prom-client: to watch the event loop by itself it would wake the process a hundred times a second. */
export const unwatched = { eventLoopMonitoringPrecision: 2 ** 31 - 1 };

/** Puts the figures of `delay` since the last scrape in the place of prom-client's own. */
export function registerEventLoopMetrics(delay: EventLoopDelay): void {
  for (const { name } of register.getMetricsAsArray()) if (name.startsWith(prefix)) register.removeSingleMetric(name);
  const gauges = figures.map(([name, aggregator], index) => {
    const help = `How late the event loop runs what is due: ${name.slice(1) || 'at the last look'}`;
    // The first is collected before the others, so it reads for all.
    const collect = index === 0 ? { collect: () => readAll() } : {};
    return new Gauge({ name: `${prefix}${name}_seconds`, help, aggregator, ...collect });
  });
  const readAll = () => {
    if (delay.late.count === 0) return;
    figures.forEach(([, , nanoseconds], index) => gauges[index]!.set(nanoseconds(delay) / 1e9));
    delay.late.reset();
  };
}
