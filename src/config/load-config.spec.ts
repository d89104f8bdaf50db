import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, readEnvironment } from './load-config.js';
import { settings } from './settings.js';

const key = 'kWm3x9Qz7Lr2Vt8Yb4Nc6Hd1Jf5Gp0Sa-for-these-specs';
const production = { NODE_ENV: 'production', SECRET_KEY: key, DATABASE_URL: 'postgres://app:x@db.test/app' };

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig({ SECRET_KEY: key, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('loadConfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has the defaults that callers rely on', () => {
    expect(loadConfig({ SECRET_KEY: key })).toMatchObject({
      nodeEnv: 'development',
      host: '0.0.0.0',
      port: 8000,
      databasePoolMin: 10,
      databasePoolMax: 20,
      databaseStatementTimeout: 60,
      databaseConnectTimeout: 2,
      databaseMigrateOnStart: true,
      passwordPolicy: 'classic',
      accessTokenExpireMinutes: 30,
      allowedOrigins: ['http://localhost:3000'],
      trustedProxies: [],
      rateLimitAnonymous: { count: 100, windowSeconds: 3600 },
      rateLimitAuthenticated: { count: 1000, windowSeconds: 3600 },
      rateLimitLogin: { count: 5, windowSeconds: 60 },
      maxBodyBytes: 102_400,
      requestTimeout: 30,
      keepAliveTimeout: 75,
      gracefulTimeout: 30,
      drainDelay: 0,
      docsEnabled: true,
      logLevel: 'info',
      redisUrl: undefined,
      metricsPort: undefined,
      operatorToken: undefined,
    });
  });

  it('closes in production what strangers need not see', () => {
    expect(loadConfig(production)).toMatchObject({
      isProduction: true,
      isOperatorOpen: false,
      docsEnabled: false,
      databaseMigrateOnStart: false,
    });
  });

  it('takes an empty or blank variable for unset, and trims the others', () => {
    expect(loadConfig({ SECRET_KEY: key, PORT: '', HOST: '  ', LOG_LEVEL: ' warn ' })).toMatchObject({
      port: 8000,
      host: '0.0.0.0',
      logLevel: 'warn',
    });
  });

  it('lists every fault at once, without the values', () => {
    const faults = faultsOf({ PORT: 'eighty', LOG_LEVEL: 'loud', DEBUG: 'maybe', RATE_LIMIT_LOGIN: 'often' });
    expect(faults).toHaveLength(4);
    expect(faults.join()).not.toMatch(/eighty|loud|maybe|often/);
    expect(new ConfigError(faults).message).toContain('4 fault(s)');
  });

  it.each(Object.values(settings).map(({ env }) => env))(
    '%s is read, and refused by name when its rule refuses it',
    (env) => {
      const rule = Object.values(settings).find((setting) => setting.env === env)!.rule;
      const bad = '\u0001';
      if (rule.parse(bad) === undefined) expect(faultsOf({ [env]: bad })[0]).toBe(`${env} must be ${rule.expects}`);
      else
        // To serve, one that names a file needs the file too.
        expect(Object.values(loadConfig({ [env]: 'set-in-this-spec' }, 'migrate'))).toContain('set-in-this-spec');
    },
  );

  it('refuses settings that contradict each other', () => {
    expect(faultsOf({ DATABASE_POOL_MIN: '5', DATABASE_POOL_MAX: '4' })).toEqual([
      'DATABASE_POOL_MIN must not be greater than DATABASE_POOL_MAX',
    ]);
    expect(faultsOf({ METRICS_PORT: '9000', PORT: '9000' })).toEqual(['METRICS_PORT must not be PORT']);
    expect(faultsOf({ METRICS_PORT: '0', PORT: '0' })).toEqual([]);
    expect(faultsOf({ SSL_KEYFILE: '/key.pem' })).toEqual(['SSL_KEYFILE needs SSL_CERTFILE']);
    expect(faultsOf({ SSL_CERTFILE: '/cert.pem' })).toEqual(['SSL_CERTFILE needs SSL_KEYFILE']);
    expect(faultsOf({ HTTP2: 'true' })).toEqual(['HTTP2 needs SSL_KEYFILE and SSL_CERTFILE']);
    expect(faultsOf({ OPERATOR_TOKEN: 'x'.repeat(15) })).toEqual(['OPERATOR_TOKEN must have 16 characters or more']);
  });

  it('keeps a random key in DATA_DIR when none is set, for its owner only', () => {
    const first = loadConfig({ DATA_DIR: folder }).secretKey;
    expect(Buffer.byteLength(first)).toBeGreaterThanOrEqual(48);
    expect(loadConfig({ DATA_DIR: folder }).secretKey).toBe(first);
    expect(statSync(join(folder, 'secret-key')).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, 'secret-key'), 'utf8')).toBe(first);
  });

  it('says what to set where it can keep no key of its own', () => {
    expect(() => loadConfig({ DATA_DIR: '/dev/null/data' })).toThrow(
      /^No key of its own can be kept \(ENOTDIR: .*\): set SECRET_KEY, or DATA_DIR to another folder$/,
    );
  });

  it('asks for no key to migrate', () => {
    const { SECRET_KEY: _, ...others } = production;
    expect(loadConfig(others, 'migrate').databaseUrl).toBe(production.DATABASE_URL);
    expect(() => loadConfig({ NODE_ENV: 'production' }, 'migrate')).toThrow('DATABASE_URL is required in production');
  });

  it('reads .env, over which the environment wins', () => {
    const file = join(folder, '.env');
    writeFileSync(file, '# a comment\nAPP_NAME="From file"\nLOG_LEVEL=warn\n');
    const before = process.env.LOG_LEVEL;
    process.env.LOG_LEVEL = 'error';
    const environment = readEnvironment(file);
    if (before === undefined) delete process.env.LOG_LEVEL;
    else process.env.LOG_LEVEL = before;
    expect(environment).toMatchObject({ APP_NAME: 'From file', LOG_LEVEL: 'error' });
    expect(readEnvironment(join(folder, 'none')).APP_NAME).toBe(process.env.APP_NAME);
  });
});
