import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult, type HealthIndicatorFunction } from '@nestjs/terminus';
import { Unavailable } from '../../common/http/problem.exception.js';
import { AppConfig } from '../../config/app-config.js';
import { Lifecycle } from '../../runtime/lifecycle.js';
import type { DetailedHealthDto, HealthChecksDto, HealthDto, HealthStatus, ReadinessDto } from './health.dto.js';
import { HealthIndicators } from './health.indicators.js';

@Injectable()
export class HealthService {
  constructor(
    private readonly config: AppConfig,
    private readonly lifecycle: Lifecycle,
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicators,
  ) {}

  summary(): HealthDto {
    return { status: 'ok', timestamp: new Date(), version: this.config.appVersion };
  }

  /** @throws Unavailable 503 not_ready while starting, draining or without a database */
  async readiness(): Promise<ReadinessDto> {
    if (!this.lifecycle.isReady) throw new Unavailable('not_ready', { detail: 'The process is not serving.' });
    const { status } = await this.check([() => this.indicators.checkDatabase(), () => this.indicators.checkCache()]);
    if (status === 'error') throw new Unavailable('not_ready', { detail: 'A vital dependency is away.' });
    return { status };
  }

  /** @throws Unavailable 503 not_ready, with the checks, when one is down */
  async detailed(): Promise<DetailedHealthDto> {
    const { status, checks } = await this.check([
      () => this.indicators.checkDatabase(),
      () => this.indicators.checkCache(),
      () => this.indicators.checkMemory(),
      () => this.indicators.checkCpu(),
    ]);
    if (status === 'error') {
      throw new Unavailable('not_ready', { detail: 'A vital dependency is away.', extensions: { checks } });
    }
    return { ...this.summary(), status, checks };
  }

  private async check(
    indicators: HealthIndicatorFunction[],
  ): Promise<{ status: HealthStatus; checks: HealthChecksDto }> {
    const { status, details } = await this.checks.check(indicators).catch(resultOf);
    const checks = details as unknown as HealthChecksDto;
    return { status: status === 'degraded' || status === 'error' ? status : 'ok', checks };
  }
}

/** Terminus throws the result when something is down. */
function resultOf(error: unknown): HealthCheckResult {
  if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
  throw error;
}
