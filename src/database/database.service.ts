import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { poolOf } from './data-source.js';
import { migrate, migrationStatus, pendingMigrations } from './migrator.js';
import { addressOf, DatabaseUnreachable, reasonOf } from './unreachable.js';

const firstRetryMs = 100;
const slowestRetryMs = 1000;
const probeTimeoutMs = 900;

/** Opens the pool, applies migrations where that is wanted, and tells whether the database can serve. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly logger = new Logger('Database');
  private hasAllMigrations = false;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
  ) {}

  /** One try to connect. @throws DatabaseUnreachable */
  async connect(): Promise<void> {
    try {
      await this.dataSource.initialize();
    } catch (error) {
      throw new DatabaseUnreachable(this.url, error);
    }
  }

  /** Opens as many connections as are kept, so that requests don't wait for them. Never throws. */
  async fillPool(): Promise<void> {
    await poolOf(this.dataSource).fill();
  }

  /** Tries again and again for DATABASE_BOOT_TIMEOUT. @throws DatabaseUnreachable with the last reason */
  async connectWithRetries(): Promise<void> {
    const deadline = performance.now() + this.config.databaseBootTimeout * 1000;
    let lastReason = '';
    for (let pauseMs = firstRetryMs; ; pauseMs = Math.min(pauseMs * 2, slowestRetryMs)) {
      try {
        return await this.connect();
      } catch (error) {
        if (performance.now() + pauseMs > deadline) throw error;
        const reason = reasonOf((error as DatabaseUnreachable).cause);
        if (reason !== lastReason) this.logger.warn(`Waiting for the database at ${this.address}: ${reason}`);
        lastReason = reason;
        await sleep(pauseMs);
      }
    }
  }

  /** Warns when all workers together may open more connections than the server has. */
  async warnOfSmallServer(): Promise<void> {
    const { webConcurrency: workers, databasePoolMax } = this.config;
    const [row] = await this.dataSource.query<{ max: string }[]>(`SELECT current_setting('max_connections') AS max`);
    if (workers * databasePoolMax <= Number(row?.max)) return;
    this.logger.warn(
      `WEB_CONCURRENCY x DATABASE_POOL_MAX is ${workers} x ${databasePoolMax} = ${workers * databasePoolMax} connections, ` +
        `but max_connections of the server is ${row?.max}`,
    );
  }

  /**
   * Applies pending migrations when DATABASE_MIGRATE_ON_START says so; otherwise names them in the log.
   * @returns the names of those that are still pending
   * @throws Error that names the migration that failed
   */
  async prepareSchema(): Promise<string[]> {
    const pending = await pendingMigrations(this.dataSource);
    this.hasAllMigrations = pending.length === 0;
    if (pending.length > 0 && this.config.databaseMigrateOnStart) {
      const ran = await migrate(this.url, (line) => this.logger.log(line));
      for (const name of ran) this.logger.log(`Migrated ${name}`);
      this.hasAllMigrations = true;
      return [];
    }
    if (pending.length > 0) {
      this.logger.warn(`Not ready until these migrations are run: ${pending.join(', ')}`);
    }
    return pending;
  }

  /**
   * Signs in on a fresh connection and runs a query, so that a full pool does not look like a dead server.
   * @throws when the database does not answer within a second or lacks a migration
   */
  async probe(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: probeTimeoutMs,
      query_timeout: probeTimeoutMs,
      application_name: `${this.config.appName} probe`,
    });
    // A connection that breaks emits an error besides the rejection; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
    } finally {
      client.end().catch(() => undefined);
    }
    this.hasAllMigrations ||= (await migrationStatus(this.url)).every(({ isApplied }) => isApplied);
    if (!this.hasAllMigrations) throw new Error('migrations are pending');
  }

  /** Host, port and name, for messages; never user or password. */
  get address(): string {
    return addressOf(this.url);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private get url(): string {
    return this.config.databaseUrl ?? '';
  }
}
