import { createTestDatabase, type TestDatabase } from './support/database.js';
import { runProduct, startProduct } from './support/product.js';

const strongSecret = 'Zx81-Kq7_wPv03uLm5-Rt9aYc2Ng6Bd4';
const database = { DATABASE_URL: 'postgresql://app:n0t-guessed@127.0.0.1:1/app' };
const production = { NODE_ENV: 'production', SECRET_KEY: strongSecret, ...database };

describe('Settings that the product refuses', () => {
  it.each([
    ['missing', ''],
    ['short', 'short'],
    ['one word', 'secret'],
    ['an example', 'changeme-changeme-changeme-changeme'],
    ['repeated', 'a'.repeat(64)],
    ['another example', 'your-secret-key-please-replace-this-one'],
  ])(
    'G12: production with a SECRET_KEY that is %s ends with 1 before it listens, without telling it',
    async (_, key) => {
      const { code, stdout, stderr } = await runProduct({ ...production, SECRET_KEY: key, PORT: '0' });
      expect(code).toBe(1);
      expect(stderr).toContain('SECRET_KEY');
      if (key.length > 8) expect(stderr + stdout).not.toContain(key);
      expect(stdout).not.toContain('listening');
    },
  );

  it.each([
    ['ALLOWED_ORIGINS', '*'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', 'true'],
    ['TRUSTED_PROXIES', '1'],
    ['NODE_ENV', 'prod'],
    ['DATABASE_URL', ''],
    ['OPERATOR_TOKEN', 'short'],
  ])('G13: production refuses %s=%s', async (name, value) => {
    const { code, stderr } = await runProduct({ ...production, PORT: '0', [name]: value });
    expect(code).toBe(1);
    expect(stderr).toContain(name);
  });

  it('R2.5: lists every fault at once and never a value', async () => {
    const { code, stdout, stderr } = await runProduct({
      PORT: 'eight-thousand',
      LOG_LEVEL: 'loudest',
      RATE_LIMIT_LOGIN: '5 per minute',
      DATABASE_POOL_MAX: '-1',
      DATABASE_URL: 'mysql://canary-user@db/app',
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'LOG_LEVEL', 'RATE_LIMIT_LOGIN', 'DATABASE_POOL_MAX', 'DATABASE_URL']) {
      expect(stderr).toContain(`${name} must be`);
    }
    for (const value of ['eight-thousand', 'loudest', '5 per minute', 'canary-user'])
      expect(stderr).not.toContain(value);
    expect(stdout).toBe('');
  });

  describe('G13: production that starts', () => {
    let own: TestDatabase;

    beforeAll(async () => {
      own = await createTestDatabase();
    });
    afterAll(() => own.drop());

    it('warns of debug logs, public documentation and closed operator routes, which are 404', async () => {
      const product = await startProduct({
        ...production,
        DATABASE_URL: own.url,
        LOG_LEVEL: 'debug',
        DOCS_ENABLED: 'true',
      });
      const warnings = product.lines().filter(({ level }) => level === 'warn');
      const text = warnings.map(({ msg }) => msg).join('\n');
      expect(text).toContain('Debug logging');
      expect(text).toContain('DOCS_ENABLED');
      expect(text).toContain('METRICS_PORT');
      for (const path of ['/metrics', '/health/detailed']) {
        expect((await fetch(`${product.url}${path}`)).status).toBe(404);
      }
      expect(await product.stop()).toBe(0);
    });
  });
});
