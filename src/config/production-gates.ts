import type { SettingValues } from './app-config.js';

const minimumSecretBytes = 32;
const exampleSecret =
  /change.?me|change.?this|example|placeholder|your.?(secret|key)|super.?secret|password|default|secret.?key|1234567/i;

/** What whatever works on the database in production refuses to start with. */
export function databaseFaults(values: SettingValues): string[] {
  return values.databaseUrl ? [] : ['DATABASE_URL is required in production'];
}

/** What production refuses to serve with. */
export function productionFaults(values: SettingValues): string[] {
  const faults: string[] = [];
  const secretFault = weaknessOf(values.secretKey);
  if (secretFault) faults.push(`SECRET_KEY ${secretFault}`);
  if (values.allowedOrigins.includes('*')) faults.push('ALLOWED_ORIGINS must not be * in production');
  if (values.trustedProxies.some((block) => block.endsWith('/0'))) {
    faults.push('TRUSTED_PROXIES must not trust every address in production');
  }
  if (values.operatorToken !== undefined && exampleSecret.test(values.operatorToken)) {
    faults.push('OPERATOR_TOKEN must not be an example value');
  }
  return faults;
}

/** What production starts with, but not without a word in the log. */
export function productionWarnings(values: SettingValues): string[] {
  const warnings: string[] = [];
  if (values.metricsPort === undefined && values.operatorToken === undefined) {
    warnings.push('Neither METRICS_PORT nor OPERATOR_TOKEN is set: /metrics and /health/detailed answer 404');
  }
  if (values.debug || values.logLevel === 'debug' || values.logLevel === 'trace') {
    warnings.push('Debug logging is on');
  }
  if (values.docsEnabled) warnings.push('DOCS_ENABLED: the API documentation is public');
  const database = URL.canParse(values.databaseUrl ?? '') ? new URL(values.databaseUrl ?? '') : undefined;
  if (database?.username === 'postgres') warnings.push('DATABASE_URL signs in as the superuser postgres');
  if (database?.password && ['postgres', 'password', database.username].includes(database.password)) {
    warnings.push('DATABASE_URL has a password that anybody would guess');
  }
  return warnings;
}

function weaknessOf(secret: string): string | undefined {
  if (!secret) return 'is required in production';
  if (Buffer.byteLength(secret) < minimumSecretBytes) return `must have ${minimumSecretBytes} bytes or more`;
  if (exampleSecret.test(secret)) return 'must not be an example value';
  if (new Set(secret).size < 8) return 'must be random';
  return undefined;
}
