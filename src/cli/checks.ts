import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { Client } from 'pg';
import type { AppConfig } from '../config/app-config.js';
import { productionWarnings } from '../config/production-gates.js';
import { migrationStatus } from '../database/migrator.js';
import { reasonOf } from '../database/unreachable.js';
import { withDeadline } from '../redis/deadline.js';
import { createRedisClient } from '../redis/redis-client.js';

/** What a check has found; a fault keeps the product from working, a warning does not. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'fault';
  readonly text: string;
}

const answerTimeoutMs = 3000;
const oldestPostgres = 15;
/** Connections that PostgreSQL keeps for superusers, migrations and probes. */
const sparedConnections = 8;

const ok = (text: string): Finding => ({ level: 'ok', text });
const warning = (text: string): Finding => ({ level: 'warning', text });
const fault = (text: string): Finding => ({ level: 'fault', text });

/** What production starts with, but had better not. */
export function checkGates(config: AppConfig): Finding[] {
  return config.isProduction ? productionWarnings(config).map(warning) : [];
}

/** Whether the database answers, is new enough, has room for the pools and all migrations. */
export async function checkDatabase(config: AppConfig, url: string): Promise<Finding[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; connections: string; superuser: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('max_connections') AS connections,
              current_setting('is_superuser') AS superuser`,
    );
    const [{ version = '', connections = '', superuser = '' } = {}] = rows;
    return [
      serverFinding(version),
      ...poolFinding(config, Number(connections)),
      ...(superuser === 'on' && config.isProduction ? [warning('the database user is a superuser')] : []),
      ...(await migrationFindings(config, url)),
    ];
  } catch (error) {
    return [fault(`no database answers: ${reasonOf(error)}; start it or correct DATABASE_URL`)];
  } finally {
    client.end().catch(() => undefined);
  }
}

function serverFinding(version: string): Finding {
  if (Number.parseInt(version, 10) >= oldestPostgres) return ok(`PostgreSQL ${version}`);
  return fault(`PostgreSQL ${version} is older than ${oldestPostgres}, the oldest that is tested`);
}

function poolFinding({ databasePoolMax }: AppConfig, connections: number): Finding[] {
  const left = connections - sparedConnections;
  return databasePoolMax > left
    ? [warning(`DATABASE_POOL_MAX is ${databasePoolMax}, but the server takes ${connections} connections in all`)]
    : [];
}

async function migrationFindings({ databaseMigrateOnStart }: AppConfig, url: string): Promise<Finding[]> {
  const pending = (await migrationStatus(url)).filter((migration) => !migration.isApplied);
  if (pending.length === 0) return [ok('all migrations are applied')];
  const names = pending.map(({ name }) => name).join(', ');
  return databaseMigrateOnStart
    ? [ok(`pending migrations, which the start applies: ${names}`)]
    : [fault(`pending migrations: ${names}; run migrate up`)];
}

/** Whether Redis answers, and forgets nothing on its own that limits rely on. */
export async function checkRedis({ redisUrl }: AppConfig): Promise<Finding[]> {
  if (!redisUrl) return [ok('no REDIS_URL: cache and limits are kept in the process')];
  const client = await createRedisClient(redisUrl);
  client.on('error', () => undefined);
  try {
    await withDeadline(client.connect(), answerTimeoutMs);
    const info = await withDeadline(client.info(), answerTimeoutMs);
    const value = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
    return [
      ok(`Redis ${value('redis_version')}`),
      ...(value('role') === 'master'
        ? []
        : [fault('Redis is a replica, which takes no writes; point REDIS_URL at the primary')]),
      ...(value('maxmemory_policy').startsWith('allkeys') && value('maxmemory') !== '0'
        ? [warning(`Redis may drop limits when it is full: maxmemory-policy is ${value('maxmemory_policy')}`)]
        : []),
    ];
  } catch (error) {
    return [warning(`Redis does not answer (${reasonOf(error)}): each process would cache and limit by itself`)];
  } finally {
    client.disconnect();
  }
}

/** Whether there is something at the address where the server would listen. */
export async function checkAddress({ host, port, socketPath }: AppConfig): Promise<Finding[]> {
  if (socketPath) return [await folderFinding('SOCKET_PATH', socketPath)];
  if (port === 0) return [];
  const target = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const isTaken = await new Promise<boolean>((resolveTaken) => {
    const socket = connect({ host: target, port, timeout: answerTimeoutMs });
    const end = (taken: boolean) => {
      socket.destroy();
      resolveTaken(taken);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
  return [
    isTaken ? warning(`something listens on port ${port} already; is it this product?`) : ok(`port ${port} is free`),
  ];
}

/** Whether there is a place for the log file, if one is wanted. */
export async function checkLogFile({ logFile }: AppConfig): Promise<Finding[]> {
  return logFile ? [await folderFinding('LOG_FILE', logFile)] : [];
}

async function folderFinding(setting: string, path: string): Promise<Finding> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return ok(`${setting}: files can be made in its folder`);
  } catch {
    return fault(`${setting}: this user can't make files in its folder; create it or choose another`);
  }
}
