import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { AppConfig, type SettingValues } from './app-config.js';
import { certificateFaults } from './certificate.js';
import { developmentSecret } from './development-secret.js';
import { databaseFaults, productionFaults } from './production-gates.js';
import type { NodeEnv, Setting } from './setting.js';
import { settings } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the settings are for. Running migrations needs a database and nothing else. */
type Purpose = 'serve' | 'migrate';

/** Settings that can't be used. The message lists every fault, one a line, and never a value. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The settings have ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The process environment over the file .env in the working directory. */
export function readEnvironment(file = '.env'): Environment {
  return { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env };
}

/** The environment of a child process: that of this one, with some variables set. */
export function environmentWith(variables: Environment): Environment {
  return { ...process.env, ...variables };
}

/**
 * Reads and checks all settings. Whatever is set must be right; what has to be set depends on the purpose.
 * @throws ConfigError with every fault at once
 */
export function loadConfig(environment: Environment = readEnvironment(), purpose: Purpose = 'serve'): AppConfig {
  const faults: string[] = [];
  const nodeEnv = read(settings.nodeEnv, environment, 'development', faults);
  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(settings).map(([name, setting]) => [
      name,
      name === 'nodeEnv' ? nodeEnv : read(setting, environment, nodeEnv, faults),
    ]),
  ) as SettingValues;

  faults.push(...relationFaults(values));
  if (purpose === 'serve') faults.push(...certificateFaults(values, values.http2));
  if (nodeEnv === 'production') faults.push(...databaseFaults(values));
  if (nodeEnv === 'production' && purpose === 'serve') faults.push(...productionFaults(values));
  if (faults.length > 0) throw new ConfigError(faults);

  const secretKey = values.secretKey || (purpose === 'serve' ? developmentSecret(values.dataDir) : '');
  return new AppConfig({ ...values, secretKey });
}

function read<T>(setting: Setting<T>, environment: Environment, nodeEnv: NodeEnv, faults: string[]): T {
  const raw = environment[setting.env]?.trim();
  const fallback =
    typeof setting.fallback === 'function' ? (setting.fallback as (nodeEnv: NodeEnv) => T)(nodeEnv) : setting.fallback;
  if (!raw) return fallback;
  const value = setting.rule.parse(raw);
  if (value !== undefined) return value;
  faults.push(`${setting.env} must be ${setting.rule.expects}`);
  return fallback;
}

function relationFaults(values: SettingValues): string[] {
  const faults: string[] = [];
  if (values.databasePoolMin > values.databasePoolMax) {
    faults.push('DATABASE_POOL_MIN must not be greater than DATABASE_POOL_MAX');
  }
  if (values.metricsPort === values.port && values.port !== 0) {
    faults.push('METRICS_PORT must not be PORT');
  }
  if (values.operatorToken !== undefined && values.operatorToken.length < 16) {
    faults.push('OPERATOR_TOKEN must have 16 characters or more');
  }
  return faults;
}
