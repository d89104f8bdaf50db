import { Injectable, Logger } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Database } from '../../database/database.service.js';
import { RedisService } from '../../redis/redis.service.js';
import { cpuPercent, memoryPercent } from '../../runtime/process-usage.js';

const probeTimeoutMs = 1500;
const probeCacheMs = 1000;
const memoryWarningPercent = 90;
const cpuWarningPercent = 80;

/** One indicator for each thing that can be ill. Reasons go to the log, never into an answer. */
@Injectable()
export class HealthIndicators {
  private readonly logger = new Logger('Health');
  private isDatabaseUp = true;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly redis: RedisService,
  ) {}

  /** Down when a fresh query fails. The answer is kept for a second, so that probes do not pile up on a hung server. */
  async checkDatabase(): Promise<HealthIndicatorResult<'database'>> {
    const session = this.indicators.check('database');
    const { database } = await session
      .attempt(() => this.probeDatabase())
      .withTimeout(probeTimeoutMs)
      .cacheFor(probeCacheMs);
    return database.status === 'up' ? session.up() : session.down();
  }

  /** Never down: without Redis each process goes on with its own cache and limits. */
  checkCache(): HealthIndicatorResult<'cache'> {
    const session = this.indicators.check('cache');
    if (!this.redis.isConfigured) return session.up({ kind: 'memory' });
    return this.redis.isAvailable ? session.up({ kind: 'redis' }) : session.degraded({ kind: 'redis' });
  }

  checkMemory(): HealthIndicatorResult<'memory'> {
    return this.share('memory', memoryPercent(), memoryWarningPercent);
  }

  checkCpu(): HealthIndicatorResult<'cpu'> {
    return this.share('cpu', cpuPercent(), cpuWarningPercent);
  }

  /** Each change is logged once: probes come every few seconds. */
  private async probeDatabase(): Promise<void> {
    try {
      await this.database.probe();
      if (!this.isDatabaseUp) this.logger.log('The database is back');
      this.isDatabaseUp = true;
    } catch (error) {
      if (this.isDatabaseUp) this.logger.error({ event: 'database_down', err: error });
      this.isDatabaseUp = false;
      throw error;
    }
  }

  private share<Key extends string>(key: Key, percent: number, warningPercent: number): HealthIndicatorResult<Key> {
    const session = this.indicators.check(key);
    const measured = { percent: Math.round(percent * 10) / 10 };
    return percent < warningPercent ? session.up(measured) : session.degraded(measured);
  }
}
