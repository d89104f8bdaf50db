import { Global, Module, type DynamicModule } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { UsersModule } from '../users/users.module.js';
import { unwatched } from './event-loop-metrics.js';
import { HttpMetrics } from './http-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsSource } from './metrics-source.js';
import { metricProviders } from './metrics.definitions.js';
import { StateMetrics } from './state-metrics.js';

/** Global, so that any module can inject a metric of metrics.definitions.ts. */
@Global()
@Module({})
export class MetricsModule {
  static forRoot(): DynamicModule {
    // The registry belongs to the process; a second application in it, as in tests, starts anew.
    register.clear();
    return {
      module: MetricsModule,
      imports: [
        PrometheusModule.register({
          controller: MetricsController,
          path: 'metrics',
          defaultMetrics: { enabled: true, config: unwatched },
        }),
        UsersModule,
      ],
      providers: [...metricProviders, MetricsSource, HttpMetrics, StateMetrics],
      exports: [...metricProviders, MetricsSource, HttpMetrics],
    };
  }
}
