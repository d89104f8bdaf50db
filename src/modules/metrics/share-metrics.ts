import type { NestExpressApplication } from '@nestjs/platform-express';
import { register } from 'prom-client';
import { Unavailable } from '../../common/http/problem.exception.js';
import type { Page } from '../../runtime/internal-server.js';
import { readAll, readCounters } from '../../runtime/workers/snapshot.js';
import type { SupervisorLink } from '../../runtime/workers/supervisor-link.js';
import { detailedHealth } from './internal-pages.js';
import { MetricsSource } from './metrics-source.js';

/** Lets the supervisor have this worker's metrics and health, and answers /metrics with those of all workers. */
export function shareMetrics(app: NestExpressApplication, link: SupervisorLink): void {
  link.answer('metrics', () => readAll(register));
  link.answer('health', () => detailedHealth(app));
  link.shareCounters(() => readCounters(register));
  app.get(MetricsSource).read = async () => {
    const page = await link.ask<Page>('metrics').catch(() => undefined);
    if (page) return page.body;
    // One worker's own counters would look like a fall of all.
    throw new Unavailable('metrics_unavailable', { detail: 'The supervisor does not answer.' });
  };
}
