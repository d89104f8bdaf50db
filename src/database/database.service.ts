import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { migrate, migrationStatus } from './migrator.js';

const retryForMs = 60_000;
const retryEveryMs = 500;
const probeTimeoutMs = 1000;

/** Opens the pool, applies migrations where that is wanted, and tells whether the database can serve. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly logger = new Logger('Database');
  private hasAllMigrations = false;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
  ) {}

  /** One try to connect. @throws the driver's error */
  async connect(): Promise<void> {
    await this.dataSource.initialize();
  }

  /** Tries again and again for a minute. @throws the last error, whose message never holds the password */
  async connectWithRetries(): Promise<void> {
    const deadline = performance.now() + retryForMs;
    for (;;) {
      try {
        return await this.connect();
      } catch (error) {
        this.logger.warn(`The database is away, retrying: ${(error as Error).message}`);
        if (performance.now() + retryEveryMs > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryEveryMs));
      }
    }
  }

  /** Applies pending migrations when DATABASE_MIGRATE_ON_START says so; otherwise names them in the log. */
  async prepareSchema(): Promise<void> {
    if (this.config.databaseMigrateOnStart) {
      const ran = await migrate(this.url, (line) => this.logger.log(line));
      for (const name of ran) this.logger.log(`Migrated ${name}`);
      this.hasAllMigrations = true;
      return;
    }
    const pending = await this.pendingMigrations();
    if (pending.length > 0) {
      this.logger.warn(`Not ready until these migrations are run: ${pending.join(', ')}`);
    }
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
    if (!this.hasAllMigrations && (await this.pendingMigrations()).length > 0) {
      throw new Error('migrations are pending');
    }
  }

  /** Host, port and name, for messages; never user or password. */
  get address(): string {
    const { host, pathname } = new URL(this.url);
    return `${host}${pathname}`;
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async pendingMigrations(): Promise<string[]> {
    const pending = (await migrationStatus(this.url)).filter((migration) => !migration.isApplied);
    this.hasAllMigrations = pending.length === 0;
    return pending.map((migration) => migration.name);
  }

  private get url(): string {
    return this.config.databaseUrl ?? '';
  }
}
