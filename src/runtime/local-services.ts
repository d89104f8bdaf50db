import { resolve } from 'node:path';
import { AppConfig } from '../config/app-config.js';

/** The settings, completed by what was started for them. */
export interface LocalServices {
  readonly config: AppConfig;
  stop(): Promise<void>;
}

/** Starts an embedded PostgreSQL when no DATABASE_URL is set; production never gets here without one. */
export async function startLocalServices(config: AppConfig): Promise<LocalServices> {
  if (config.databaseUrl) return { config, stop: () => Promise.resolve() };
  const { startEmbeddedPostgres } = await import('../database/embedded/embedded-postgres.js');
  const postgres = await startEmbeddedPostgres({ dataDir: resolve(config.dataDir) });
  return { config: new AppConfig({ ...config, databaseUrl: postgres.url }), stop: () => postgres.stop() };
}
