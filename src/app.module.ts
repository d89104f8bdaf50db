import { Module, type DynamicModule, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import type { Logger } from 'pino';
import { CacheModule } from './cache/cache.module.js';
import { CommonModule } from './common/common.module.js';
import { RequestIdInterceptor } from './common/context/request-id.interceptor.js';
import { TimingInterceptor } from './common/context/timing.interceptor.js';
import { createValidationPipe } from './common/validation/validation.pipe.js';
import { AppConfig } from './config/app-config.js';
import { AppConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { crossOrigin } from './edge/cors.js';
import type { EdgeAdapter } from './edge/edge.adapter.js';
import { EdgeModule } from './edge/edge.module.js';
import { InFlight } from './edge/in-flight.js';
import { jsonBody } from './edge/json-body.js';
import { LoadShedding } from './edge/load-shedding.js';
import { ProblemFilter, type ProblemObserver } from './edge/problem.filter.js';
import { QueryGuard } from './edge/query.guard.js';
import { requestMiddleware } from './edge/request.middleware.js';
import { startGate } from './edge/start-gate.js';
import { LoggingModule } from './logging/logging.module.js';
import { RequestLog } from './logging/request-log.js';
import { AccessGuard } from './modules/auth/access.guard.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { IdentifyGuard } from './modules/auth/identify.guard.js';
import { LoginLimitAudit } from './modules/auth/login-limit-audit.js';
import { AuditModule } from './modules/audit/audit.module.js';
import { DocsModule } from './modules/docs/docs.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { ItemsModule } from './modules/items/items.module.js';
import { HttpMetrics } from './modules/metrics/http-metrics.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { UsersModule } from './modules/users/users.module.js';
import { RedisModule } from './redis/redis.module.js';
import { Lifecycle } from './runtime/lifecycle.js';
import { RuntimeModule } from './runtime/runtime.module.js';
import { RateLimitGuard } from './throttling/rate-limit.guard.js';
import { ThrottlingModule } from './throttling/throttling.module.js';

/** The wiring page: every module, and all that a request passes, in the order in which it does. */
@Module({
  imports: [
    // Infrastructure
    CommonModule,
    RuntimeModule,
    EdgeModule,
    DatabaseModule,
    RedisModule,
    CacheModule,
    ThrottlingModule,
    // Features
    AuthModule,
    UsersModule,
    ItemsModule,
    AuditModule,
    HealthModule,
  ],
  providers: [
    // Guards: who is it, has it a request left, may it come in, did it ask what we understand.
    { provide: APP_GUARD, useClass: IdentifyGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: QueryGuard },
    // Interceptors: the handler's name for the log, and the time that it takes.
    { provide: APP_INTERCEPTOR, useClass: RequestIdInterceptor },
    { provide: APP_INTERCEPTOR, useClass: TimingInterceptor },
    // The pipe: bodies and queries become valid DTOs, or one 400 that lists every fault.
    {
      provide: APP_PIPE,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => createValidationPipe(config.passwordPolicy, config.takes('validation')),
    },
    // The filter: whatever was thrown, anywhere above, leaves as a problem.
    {
      provide: APP_FILTER,
      inject: [HttpMetrics, LoginLimitAudit],
      useFactory: (...observers: ProblemObserver[]) => new ProblemFilter(observers),
    },
  ],
})
export class AppModule implements NestModule {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: AppConfig,
    private readonly lifecycle: Lifecycle,
    private readonly requestLog: RequestLog,
    private readonly httpMetrics: HttpMetrics,
    private readonly inFlight: InFlight,
    private readonly loadShedding: LoadShedding,
  ) {}

  static forRoot(config: AppConfig, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AppConfigModule.forRoot(config),
        LoggingModule.forRoot(logger, config.takes('log-lines')),
        MetricsModule.forRoot(),
        ...(config.docsEnabled ? [DocsModule] : []),
      ],
    };
  }

  /** Middleware sees every request, unknown routes and unreadable bodies included. */
  configure(): void {
    const http = this.host.httpAdapter as EdgeAdapter;
    // Too much to do: 503 before anything else is done.
    http.admitBy(this.loadShedding.gate((request, status) => this.httpMetrics.refused(request, status)));
    // Request id, context, fixed headers; the log line and the metrics are taken when the answer is sent.
    http.use(requestMiddleware(this.lifecycle, [this.requestLog, this.httpMetrics, this.inFlight]));
    // 503 while the database is not there yet.
    http.use(startGate(this.lifecycle));
    // Pages of the allowed origins may call; preflights end here.
    http.use(crossOrigin(this.config.allowedOrigins));
    // JSON in UTF-8, bounded in size and depth.
    http.use(jsonBody(this.config.maxBodyBytes, this.config.takes('bodies')));
  }
}
