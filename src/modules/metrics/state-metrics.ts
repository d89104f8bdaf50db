import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
import type { Server } from 'node:http';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../config/app-config.js';
import { DROPPED_METRIC } from '../../edge/edge.metrics.js';
import { InFlight } from '../../edge/in-flight.js';
import { EventLoopDelay } from '../../runtime/event-loop-delay.js';
import { UsersService } from '../users/users.service.js';
import { registerEventLoopMetrics } from './event-loop-metrics.js';
import { registerLogMetrics } from './log-metrics.js';

/** What is read when somebody scrapes: connections, pool, event loop, users, build. */
@Injectable()
export class StateMetrics implements OnModuleInit {
  constructor(
    private readonly config: AppConfig,
    private readonly host: HttpAdapterHost,
    private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly delay: EventLoopDelay,
    private readonly inFlight: InFlight,
    @InjectMetric(DROPPED_METRIC) private readonly dropped: Counter,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    registerLogMetrics();
    registerEventLoopMetrics(this.delay);
    server.on('drop', () => this.dropped.inc());
    const pool = () => (this.dataSource.driver as unknown as { master?: Pool }).master;
    gauge('http_requests_in_flight', 'Requests being served', () => this.inFlight.size);
    gauge('active_connections', 'Open client connections', () => connectionsOf(server));
    gauge('db_pool_total', 'Database connections that are open', () => pool()?.totalCount ?? 0);
    gauge('db_pool_idle', 'Database connections that nobody uses', () => pool()?.idleCount ?? 0);
    gauge('db_pool_waiting', 'Requests that wait for a database connection', () => pool()?.waitingCount ?? 0);
    gauge('event_loop_delay_seconds', 'How late the event loop runs what is due', () => this.delay.lateMs / 1000);
    // A scrape must not fail because the database is away.
    // Every worker counts the same users.
    const readUsers = () => this.users.countActive().catch(() => NaN);
    gauge('active_users', 'Users that may sign in, a minute old at most', readUsers, 'max');
    const labels = { version: this.config.appVersion, node: process.versions.node };
    new Gauge({
      name: 'app_build_info',
      help: 'The version that runs',
      labelNames: Object.keys(labels),
      aggregator: 'first',
    }).set(labels, 1);
  }
}

/** @param aggregator how the values of several workers become one */
function gauge(
  name: string,
  help: string,
  read: () => number | Promise<number>,
  aggregator: 'sum' | 'max' = 'sum',
): void {
  new Gauge({
    name,
    help,
    aggregator,
    async collect() {
      this.set(await read());
    },
  });
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
