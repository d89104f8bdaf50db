import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.setup.js';
import { loadConfig } from '../../src/config/load-config.js';
import { OpenApiDocument } from '../../src/modules/docs/openapi.document.js';
import { boot } from '../../src/runtime/boot.js';
import { HttpClient } from './client.js';
import { ContractCheck } from './contract-check.js';
import { createTestDatabase } from './database.js';
import type { OpenApi } from './openapi-index.js';

/** Environment variables, as a real process has them. */
export type TestSettings = Readonly<Record<string, string>>;

export interface TestApp {
  /** Where it listens, such as http://127.0.0.1:41234. */
  readonly url: string;
  readonly databaseUrl: string;
  /** A stranger's client; every answer passes the contract check. */
  readonly client: HttpClient;
  /** The OpenAPI document that answers are checked against. */
  readonly document: OpenApi;
  /** The application, for its providers. */
  readonly nest: NestExpressApplication;
  /** Runs a statement on the application's pool. */
  sql<Row = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Signs tokens and cursors; with it specs sign tokens of their own. */
export const secretKey = 'a-key-of-the-end-to-end-tests-that-nobody-else-uses';

const defaults = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: secretKey,
  LOG_LEVEL: 'silent',
  LOG_PRETTY: 'false',
  // The template is migrated, and pools of many apps share one server.
  DATABASE_MIGRATE_ON_START: 'false',
  DATABASE_POOL_MIN: '0',
  DATABASE_POOL_MAX: '10',
  // The event loop is that of the tests.
  MAX_EVENT_LOOP_DELAY: '0',
  RATE_LIMIT_ANONYMOUS: 'off',
  RATE_LIMIT_AUTHENTICATED: 'off',
  RATE_LIMIT_LOGIN: 'off',
  // `FAST_PATHS_OFF=all npm test` runs everything without the shortcuts.
  FAST_PATHS_OFF: process.env.FAST_PATHS_OFF ?? '',
};

/**
 * The whole application on a port and a database of its own, without limits and log unless the settings say otherwise.
 * Passport has one strategy a process, that of the application started last: for two at a time, start the other one with
 * startProduct.
 */
export async function startTestApp(settings: TestSettings = {}): Promise<TestApp> {
  const database = settings.DATABASE_URL ? undefined : await createTestDatabase();
  const environment = { ...defaults, DATABASE_URL: database?.url ?? '', ...settings };
  const hidden = servesDocument(environment) ? undefined : await documentOfTwin(environment);
  const nest = await createApp(loadConfig(environment));
  await boot(nest);
  const document = hidden ?? documentOf(nest);
  const { port } = nest.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = new HttpClient(url, new ContractCheck(document));
  return {
    url,
    databaseUrl: environment.DATABASE_URL,
    client,
    document,
    nest,
    sql: (statement, values) => nest.get(DataSource).query(statement, values),
    close: async () => {
      client.close();
      await nest.close();
      await database?.drop();
    },
  };
}

function servesDocument({ DOCS_ENABLED, NODE_ENV }: TestSettings): boolean {
  return DOCS_ENABLED === 'true' || (DOCS_ENABLED !== 'false' && NODE_ENV !== 'production');
}

/**
 * An application that does not serve its document has one all the same, and a twin tells it. The twin is made first, since
 * the registry of metrics belongs to whoever comes last.
 */
async function documentOfTwin(environment: TestSettings): Promise<OpenApi> {
  return documentOf(await createApp(loadConfig({ ...environment, DOCS_ENABLED: 'true' })));
}

function documentOf(nest: NestExpressApplication): OpenApi {
  return JSON.parse(nest.get(OpenApiDocument).publish().json) as OpenApi;
}
