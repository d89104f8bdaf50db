import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { cpuPercent } from '../../runtime/process-usage.js';

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric that more than one part of the product writes; inject one by its name with @InjectMetric. */
export const metricProviders = [
  makeCounterProvider({
    name: 'http_requests_total',
    help: 'Requests answered, by route template',
    labelNames: ['method', 'endpoint', 'status'],
  }),
  makeHistogramProvider({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer',
    labelNames: ['method', 'endpoint'],
    buckets: durationBuckets,
  }),
  makeCounterProvider({
    name: 'application_errors_total',
    help: 'Problems answered, by code',
    labelNames: ['error_type', 'endpoint'],
  }),
  makeCounterProvider({ name: 'user_registrations_total', help: 'Accounts created' }),
  makeHistogramProvider({
    name: 'order_processing_seconds',
    help: 'Time that a piece of work took, by the name its module gives it',
    labelNames: ['operation'],
    buckets: durationBuckets,
  }),
  makeGaugeProvider({
    name: 'memory_usage_bytes',
    help: 'Resident memory of all processes',
    collect() {
      this.set(process.memoryUsage.rss());
    },
  }),
  makeGaugeProvider({
    name: 'cpu_usage_percent',
    help: 'CPU that all processes use, in per cent of all cores',
    collect() {
      this.set(cpuPercent());
    },
  }),
];
