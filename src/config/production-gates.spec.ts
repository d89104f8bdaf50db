import { ConfigError, loadConfig } from './load-config.js';
import { productionWarnings } from './production-gates.js';

const key = 'kWm3x9Qz7Lr2Vt8Yb4Nc6Hd1Jf5Gp0Sa-for-these-specs';

const production = { NODE_ENV: 'production', SECRET_KEY: key, DATABASE_URL: 'postgres://app:Xk29@db.test/app' };

function faultsWith(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

describe('productionFaults', () => {
  it('lets sound settings pass', () => {
    expect(faultsWith(production)).toEqual([]);
  });

  it.each([
    ['none', '', 'is required in production'],
    ['blanks', '   ', 'is required in production'],
    ['31 bytes', key.slice(0, 31), 'must have 32 bytes or more'],
    ['"secret"', 'secret', 'must have 32 bytes or more'],
    ['"changeme"', 'changeme', 'must have 32 bytes or more'],
    ['one that asks to be changed', 'please-change-me-in-production-0123', 'must not be an example value'],
    ['one of a tutorial', 'your-super-secret-key-goes-here-now', 'must not be an example value'],
    ['an example', 'this-is-an-example-key-of-32-bytes!', 'must not be an example value'],
    ['one letter over and over', 'a'.repeat(64), 'must be random'],
    ['a word over and over', 'abc'.repeat(12), 'must be random'],
  ])('G12, R3.7: refuses a key that is %s', (_, SECRET_KEY, fault) => {
    expect(faultsWith({ ...production, SECRET_KEY })).toEqual([`SECRET_KEY ${fault}`]);
  });

  it.each([
    [{ ALLOWED_ORIGINS: '*' }, 'ALLOWED_ORIGINS must not be * in production'],
    [{ ALLOWED_ORIGINS: 'https://a.test,*' }, 'ALLOWED_ORIGINS must not be * in production'],
    [{ TRUSTED_PROXIES: '0.0.0.0/0' }, 'TRUSTED_PROXIES must not trust every address in production'],
    [{ TRUSTED_PROXIES: '10.0.0.0/8,::/0' }, 'TRUSTED_PROXIES must not trust every address in production'],
    [{ OPERATOR_TOKEN: 'changeme-changeme' }, 'OPERATOR_TOKEN must not be an example value'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is required in production'],
  ])('G13: refuses %j', (settings, fault) => {
    expect(faultsWith({ ...production, ...settings })).toEqual([fault]);
  });

  it.each(['staging', 'Production', 'prod'])('refuses NODE_ENV=%s', (NODE_ENV) => {
    expect(faultsWith({ ...production, NODE_ENV })).toEqual(['NODE_ENV must be one of development, test, production']);
  });

  it('stands in one list with all other faults', () => {
    const environment = {
      NODE_ENV: 'production',
      DATABASE_POOL_MIN: '30',
      OPERATOR_TOKEN: 'tiny',
      PORT: 'x',
      METRICS_PORT: '8000',
    };
    expect([...faultsWith(environment)].sort()).toEqual([
      'DATABASE_POOL_MIN must not be greater than DATABASE_POOL_MAX',
      'DATABASE_URL is required in production',
      'METRICS_PORT must not be PORT',
      'OPERATOR_TOKEN must have 16 characters or more',
      'PORT must be a whole number from 0 to 65535',
      'SECRET_KEY is required in production',
    ]);
  });
});

function warningsWith(environment: Record<string, string>): string[] {
  return productionWarnings(loadConfig({ ...production, METRICS_PORT: '9000', ...environment }));
}

describe('productionWarnings', () => {
  it('says nothing of settings that are fit for production', () => {
    expect(warningsWith({})).toEqual([]);
    expect(warningsWith({ DATABASE_URL: 'postgres://db.test/app' })).toEqual([]);
  });

  it.each([
    [{ METRICS_PORT: '' }, 'Neither METRICS_PORT nor OPERATOR_TOKEN'],
    [{ DEBUG: 'true' }, 'Debug logging'],
    [{ LOG_LEVEL: 'trace' }, 'Debug logging'],
    [{ DOCS_ENABLED: 'true' }, 'DOCS_ENABLED'],
    [{ DATABASE_URL: 'postgres://postgres:Xk29@db.test/app' }, 'superuser postgres'],
    [{ DATABASE_URL: 'postgres://app:password@db.test/app' }, 'anybody would guess'],
    [{ DATABASE_URL: 'postgres://app:app@db.test/app' }, 'anybody would guess'],
  ])('G13: warns of %j', (environment, words) => {
    expect(warningsWith(environment)).toEqual([expect.stringContaining(words)]);
  });
});
