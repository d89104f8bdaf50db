import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { addUp, readAll, readCounters, type Snapshot } from './snapshot.js';

describe('snapshots', () => {
  function registryWith(requests: Record<string, number>, seconds: number[]): Registry {
    const registry = new Registry();
    const registers = [registry];
    const counter = new Counter({ name: 'requests_total', help: 'h', labelNames: ['status'], registers });
    for (const [status, count] of Object.entries(requests)) counter.inc({ status }, count);
    const histogram = new Histogram({ name: 'seconds', help: 'h', labelNames: ['method'], buckets: [1, 2], registers });
    for (const each of seconds) histogram.observe({ method: 'GET' }, each);
    new Gauge({ name: 'open', help: 'h', registers }).set(NaN);
    return registry;
  }

  const textOf = (...snapshots: Snapshot[]) => AggregatorRegistry.aggregate(snapshots).metrics();

  it('read counters and histograms, and leave gauges alone', async () => {
    const registry = registryWith({ 200: 1 }, [1]);
    registry.getSingleMetric('open')!.get = () => Promise.reject(new Error('was read'));
    expect((await readCounters(registry)).map(({ name }) => name)).toEqual(['requests_total', 'seconds']);
  });

  it('G9: add up to what the processes counted together', async () => {
    const first = await readCounters(registryWith({ 200: 3, 404: 1 }, [0.5, 1.5]));
    const second = await readCounters(registryWith({ 200: 4, 500: 2 }, [3]));
    const both = registryWith({ 200: 7, 404: 1, 500: 2 }, [0.5, 1.5, 3]);
    const sum = addUp(addUp([], first), second);
    expect(await textOf(sum)).toBe(await textOf(await readCounters(both)));
    expect(addUp(first, [])).toEqual(first);
  });

  it('keep gauges that are no number', async () => {
    const sent = structuredClone(await readAll(registryWith({}, [])));
    expect(await textOf(sent)).toContain('open Nan');
  });
});
