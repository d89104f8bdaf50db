import { createRequire } from 'node:module';
import { cidr } from './cidr.js';
import { fastPaths } from './fast-paths.js';
import {
  fileMode,
  flag,
  integer,
  listOf,
  oneOf,
  origin,
  rate,
  seconds,
  text,
  url,
  type NodeEnv,
  type Rate,
  type Rule,
  type Setting,
} from './setting.js';

const packageVersion = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;

function setting<T>(
  env: string,
  rule: Rule<T>,
  fallback: NoInfer<T> | ((nodeEnv: NodeEnv) => NoInfer<T>),
  about: string,
  defaultText?: string,
): Setting<T> {
  return { env, about, rule, fallback, defaultText };
}

/** A setting that may stay unset. */
function optional<T>(env: string, rule: Rule<T>, about: string, defaultText?: string): Setting<T | undefined> {
  return setting<T | undefined>(env, rule, undefined, about, defaultText);
}

/** Names the group that these settings are documented under. */
function section<T extends Record<string, object>>(group: string, settings: T): T {
  for (const setting of Object.values(settings)) Object.assign(setting, { group });
  return settings;
}

/** Every environment variable that the product reads. .env.example and docs/configuration.md are generated from this. */
export const settings = {
  ...section('Application', {
    nodeEnv: setting(
      'NODE_ENV',
      oneOf('development', 'test', 'production'),
      'development',
      'Where it runs. production refuses unsafe settings and closes what strangers need not see.',
    ),
    appName: setting('APP_NAME', text, 'Mainstay', 'Name in the documentation and the log.'),
    appVersion: setting(
      'APP_VERSION',
      text,
      () => packageVersion,
      'Version that /health and /openapi.json tell.',
      'the version in package.json',
    ),
    debug: setting('DEBUG', flag, false, 'Logs at level debug, with every SQL statement (never its values).'),
    dataDir: setting(
      'DATA_DIR',
      text,
      '.data',
      'Folder of the embedded PostgreSQL and of the development secret. Unused in production.',
    ),
    docsEnabled: setting(
      'DOCS_ENABLED',
      flag,
      (nodeEnv) => nodeEnv !== 'production',
      'Serves /docs, /redoc and /openapi.json.',
      'true; false in production',
    ),
    fastPathsOff: setting(
      'FAST_PATHS_OFF',
      listOf(oneOf(...fastPaths, 'all')),
      [],
      'Shortcuts of docs/performance.md to do without, or all: to measure one, or to find out whether it is to blame.',
      'none',
    ),
  }),

  ...section('Server', {
    host: setting('HOST', text, '0.0.0.0', 'Address to listen on.'),
    port: setting('PORT', integer(0, 65_535), 8000, 'TCP port to listen on; 0 takes a free one.'),
    socketPath: optional('SOCKET_PATH', text, 'Unix socket to listen on in place of HOST and PORT.'),
    socketMode: setting(
      'SOCKET_MODE',
      fileMode,
      0o660,
      'Permissions of that socket: who may write to it may connect.',
      '0660',
    ),
    trustedProxies: setting(
      'TRUSTED_PROXIES',
      listOf(cidr),
      [],
      'Address blocks of the proxies whose X-Forwarded-For is believed; with SOCKET_PATH any block, as the peer has no address.',
      'none: the header is ignored',
    ),
    allowedOrigins: setting(
      'ALLOWED_ORIGINS',
      listOf(origin),
      ['http://localhost:3000'],
      'Origins whose pages may call the API (CORS).',
      'http://localhost:3000',
    ),
    sslKeyfile: optional(
      'SSL_KEYFILE',
      text,
      'Private key in PEM. With SSL_CERTFILE the port speaks TLS, 1.2 or newer.',
    ),
    sslCertfile: optional(
      'SSL_CERTFILE',
      text,
      'Certificate in PEM, those that lead to its root after it. SIGHUP reads both files anew.',
    ),
    http2: setting(
      'HTTP2',
      flag,
      false,
      'Speaks HTTP/2 too, to clients that ask for it. Needs SSL_KEYFILE and SSL_CERTFILE.',
    ),
    maxBodyBytes: setting('MAX_BODY_BYTES', integer(1024, 104_857_600), 102_400, 'Largest request body, unpacked.'),
    requestTimeout: setting(
      'REQUEST_TIMEOUT',
      seconds(1, 3600),
      30,
      'Seconds in which a client must have sent its whole request, and in which it then gets its answer.',
    ),
    responseTimeout: setting(
      'RESPONSE_TIMEOUT',
      seconds(1, 3600),
      60,
      'Seconds in which a client must have taken an answer, or 64 KiB of a long one.',
    ),
    keepAliveTimeout: setting(
      'KEEP_ALIVE_TIMEOUT',
      seconds(1, 3600),
      75,
      "Seconds an idle connection is kept; longer than the proxy's.",
    ),
    maxConnections: setting('MAX_CONNECTIONS', integer(1, 1_000_000), 10_000, 'Client connections of a process.'),
    maxConcurrency: setting(
      'MAX_CONCURRENCY',
      integer(1, 1_000_000),
      1000,
      'Requests that a process serves at a time; more get 503 at once.',
    ),
    maxEventLoopDelay: setting(
      'MAX_EVENT_LOOP_DELAY',
      seconds(0, 60),
      1,
      'Seconds that the event loop may stay late before new requests get 503; 0 switches this off.',
    ),
    gracefulTimeout: setting(
      'GRACEFUL_TIMEOUT',
      seconds(1, 3600),
      30,
      'Seconds that requests in flight get to finish after SIGTERM.',
    ),
    drainDelay: setting(
      'DRAIN_DELAY',
      seconds(0, 600),
      0,
      'Seconds between SIGTERM (readiness turns 503) and closing the listener.',
    ),
  }),

  ...section('Workers', {
    webConcurrency: setting(
      'WEB_CONCURRENCY',
      integer(1, 256),
      1,
      'Worker processes behind the one port. With 1, and MAX_REQUESTS off, the process serves by itself, without a supervisor.',
      '1; 4 in the image',
    ),
    workerTimeout: setting(
      'WORKER_TIMEOUT',
      seconds(1, 3600),
      10,
      'Seconds without a sign of life after which a worker is killed and replaced.',
    ),
    maxRequests: setting(
      'MAX_REQUESTS',
      integer(0, 1_000_000_000),
      0,
      'Requests after which a worker is replaced; 0 never does. 1000 with a jitter of 50 is usual.',
    ),
    maxRequestsJitter: setting(
      'MAX_REQUESTS_JITTER',
      integer(0, 1_000_000_000),
      0,
      'Each worker adds a random number up to this to MAX_REQUESTS, so that they do not all go at once.',
    ),
    notifySocket: optional(
      'NOTIFY_SOCKET',
      text,
      'Set by systemd: where to tell it of readiness, reloads and the end.',
    ),
    watchdogMicroseconds: optional(
      'WATCHDOG_USEC',
      integer(0, Number.MAX_SAFE_INTEGER),
      'Set by systemd: it expects a sign of life in every such span.',
    ),
  }),

  ...section('Database', {
    databaseUrl: optional(
      'DATABASE_URL',
      url('postgres', 'postgresql'),
      'PostgreSQL 15 or newer. Required in production.',
      'an embedded PostgreSQL in DATA_DIR',
    ),
    databasePoolMin: setting('DATABASE_POOL_MIN', integer(0, 1000), 10, 'Connections kept open by a process.'),
    databasePoolMax: setting('DATABASE_POOL_MAX', integer(1, 1000), 20, 'Connections that a process may open.'),
    databaseConnectTimeout: setting(
      'DATABASE_CONNECT_TIMEOUT',
      seconds(0.1, 60),
      2,
      'Seconds to wait for a connection, new or from the pool.',
    ),
    databaseBootTimeout: setting(
      'DATABASE_BOOT_TIMEOUT',
      seconds(0, 3600),
      60,
      'Seconds that a start waits for a database that is away.',
    ),
    databaseStatementTimeout: setting(
      'DATABASE_STATEMENT_TIMEOUT',
      seconds(0.1, 3600),
      60,
      'Seconds after which the server cancels a statement.',
    ),
    databaseLockTimeout: setting(
      'DATABASE_LOCK_TIMEOUT',
      seconds(0.1, 3600),
      5,
      'Seconds that a statement waits for a lock.',
    ),
    databaseIdleTimeout: setting(
      'DATABASE_IDLE_TIMEOUT',
      seconds(1, 86_400),
      300,
      'Seconds after which an idle connection above DATABASE_POOL_MIN is closed.',
    ),
    databaseMigrateOnStart: setting(
      'DATABASE_MIGRATE_ON_START',
      flag,
      (nodeEnv) => nodeEnv !== 'production',
      'Runs pending migrations before listening.',
      'true; false in production',
    ),
  }),

  ...section('Redis', {
    redisUrl: optional(
      'REDIS_URL',
      url('redis', 'rediss'),
      'Redis for limits and cache, shared by all instances.',
      'none: each process keeps its own',
    ),
    redisCommandTimeout: setting(
      'REDIS_COMMAND_TIMEOUT',
      seconds(0.01, 1),
      0.1,
      'Seconds to wait for Redis before going on without it.',
    ),
  }),

  ...section('Security', {
    secretKey: setting(
      'SECRET_KEY',
      text,
      '',
      'Signs access tokens and cursors; 32 random bytes or more. Required in production (openssl rand -base64 48).',
      'a random one kept in DATA_DIR',
    ),
    accessTokenExpireMinutes: setting(
      'ACCESS_TOKEN_EXPIRE_MINUTES',
      integer(1, 1440),
      30,
      'Minutes that an access token is valid.',
    ),
    tokenIssuer: setting('TOKEN_ISSUER', text, 'mainstay', 'iss claim of access tokens.'),
    tokenAudience: setting('TOKEN_AUDIENCE', text, 'mainstay-api', 'aud claim of access tokens.'),
    passwordPolicy: setting(
      'PASSWORD_POLICY',
      oneOf('classic', 'nist'),
      'classic',
      'classic: 8 or more with upper, lower, digit and special; nist: 15 or more, no composition rule.',
    ),
    rateLimitAnonymous: setting(
      'RATE_LIMIT_ANONYMOUS',
      rate,
      per(100, 3600),
      'Requests of one address without a valid token.',
      '100/hour',
    ),
    rateLimitAuthenticated: setting(
      'RATE_LIMIT_AUTHENTICATED',
      rate,
      per(1000, 3600),
      'Requests of one signed-in user.',
      '1000/hour',
    ),
    rateLimitLogin: setting(
      'RATE_LIMIT_LOGIN',
      rate,
      per(5, 60),
      'Login attempts of one address, and attempts on one account.',
      '5/minute',
    ),
    operatorToken: optional(
      'OPERATOR_TOKEN',
      text,
      'Bearer token that opens /metrics and /health/detailed on the main port; 16 characters or more.',
    ),
    metricsPort: optional(
      'METRICS_PORT',
      integer(0, 65_535),
      'Port of an internal listener for /metrics and /health/detailed, on HOST, without a token.',
    ),
  }),

  ...section('Logging', {
    logLevel: setting(
      'LOG_LEVEL',
      oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      'info',
      'Lowest level that is written.',
    ),
    logFile: optional('LOG_FILE', text, 'Also writes to this file, rotated at 10 MB, five kept.'),
    logPretty: setting(
      'LOG_PRETTY',
      flag,
      () => Boolean(process.stdout.isTTY),
      'Readable lines in place of JSON on standard output; needs the development packages.',
      'true on a terminal',
    ),
  }),
};

function per(count: number, windowSeconds: number): Rate {
  return { count, windowSeconds };
}
