import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { settings } from '../src/config/settings.js';
import { runProduct } from './support/product.js';
import { resources } from './support/resources.js';

const strongKey = 'kWm3x9Qz7Lr2Vt8Yb4Nc6Hd1Jf5Gp0Sa-for-these-specs';

/** A database that nobody may get as far as to ask. */
const production = {
  NODE_ENV: 'production',
  SECRET_KEY: strongKey,
  DATABASE_URL: 'postgres://app:Xk29-qq@127.0.0.1:1/app',
  PORT: '0',
  HOST: '127.0.0.1',
};

describe('gates', () => {
  const started = resources();

  /** The faults that the process ends with, before it does anything else. */
  async function faultsWith(environment: Record<string, string>): Promise<string[]> {
    const { code, stdout, stderr } = await runProduct(environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const [head = '', ...faults] = stderr.trim().split('\n');
    expect(head).toBe(`The settings have ${faults.length} fault(s):`);
    for (const [name, value] of Object.entries(environment)) {
      const isTold = value.length > 3 && name !== 'NODE_ENV' && stderr.includes(value);
      if (isTold) throw new Error(`The value of ${name} is printed: ${stderr}`);
    }
    return faults.map((fault) => fault.replace(/^ {2}- /, ''));
  }

  it('G12: production does not start with a weak key', async () => {
    expect(await faultsWith({ ...production, SECRET_KEY: 'changeme' })).toEqual([
      'SECRET_KEY must have 32 bytes or more',
    ]);
  });

  it('G13: production does not start with what opens it to everybody', async () => {
    const open = { ALLOWED_ORIGINS: '*', TRUSTED_PROXIES: '0.0.0.0/0', OPERATOR_TOKEN: 'changeme-changeme' };
    expect((await faultsWith({ ...production, ...open })).sort()).toEqual([
      'ALLOWED_ORIGINS must not be * in production',
      'OPERATOR_TOKEN must not be an example value',
      'TRUSTED_PROXIES must not trust every address in production',
    ]);
  });

  it('R2.5: all faults are listed at once, and no value is printed', async () => {
    const canary = 'canary-60ad17';
    const environment = Object.fromEntries(
      Object.values(settings)
        .filter(({ rule }) => rule.parse(canary) === undefined)
        .map(({ env }) => [env, canary]),
    );
    const faults = await faultsWith(environment);
    const named = faults.map((fault) => fault.split(' ')[0]);
    expect(named.sort()).toEqual(Object.keys(environment).sort());
    expect(named.length).toBeGreaterThan(20);
  });

  it('G13: what is unwise in production is a warning, which holds no value', async () => {
    const database = await started.database();
    const product = await started.product({
      NODE_ENV: 'production',
      SECRET_KEY: strongKey,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'debug',
      DOCS_ENABLED: 'true',
    });
    const warnings = product
      .lines()
      .filter(({ level }) => level === 'warn')
      .map(({ msg }) => msg);
    expect(warnings).toEqual(
      expect.arrayContaining([
        'Neither METRICS_PORT nor OPERATOR_TOKEN is set: /metrics and /health/detailed answer 404',
        'Debug logging is on',
        'DOCS_ENABLED: the API documentation is public',
      ]),
    );
    expect(product.stdout + product.stderr).not.toContain(strongKey);
  });

  it('G13: the schema is never synchronized, whatever TypeORM is told from outside', async () => {
    const app = await started.app({ TYPEORM_SYNCHRONIZE: 'true' });
    expect(app.nest.get(DataSource).options.synchronize).toBe(false);
  });

  it('R1.10: a port in use ends the start with code 1 and says what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const database = await started.database();
    const { code, stderr } = await runProduct({
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      SECRET_KEY: strongKey,
      PORT: String(port),
      DATABASE_URL: database.url,
    });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).toContain('stop it or set PORT');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
