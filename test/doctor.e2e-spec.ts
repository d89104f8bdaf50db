import { createServer } from 'node:net';
import { once } from 'node:events';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database.js';
import { freePort } from './support/free-port.js';
import { describeWithRedis, openTestRedis } from './support/redis.js';
import { killProducts, runCommand } from './support/server-process.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(killProducts);

async function doctor(settings: Record<string, string> = {}): Promise<{ code: number | null; lines: string[] }> {
  const defaults = { DATABASE_URL: database.url, PORT: String(await freePort()), HOST: '127.0.0.1' };
  const { code, stdout, stderr } = await runCommand('doctor', [], { ...defaults, ...settings });
  expect(stderr).toBe('');
  return { code, lines: stdout.trim().split('\n') };
}

describe('doctor', () => {
  it('finds nothing wrong where the product would start', async () => {
    const { code, lines } = await doctor();
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^ok {6}Node 2\d\./),
      'ok      settings for development',
      expect.stringMatching(/^ok {6}PostgreSQL \d+/),
      'ok      all migrations are applied',
      'ok      no REDIS_URL: cache and limits are kept in the process',
      expect.stringMatching(/^ok {6}port \d+ is free$/),
      '0 fault(s), 0 warning(s)',
    ]);
  });

  it('lists the faults of the settings, without their values', async () => {
    const { code, lines } = await doctor({ NODE_ENV: 'production', SECRET_KEY: 'canary-key', PORT: 'canary-port' });
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining('FAULT   PORT must be'));
    expect(lines).toContain('FAULT   SECRET_KEY must have 32 bytes or more');
    expect(lines.join()).not.toContain('canary');
  });

  it('tells which of the neighbours is away, and what to do', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const { code, lines } = await doctor({
      DATABASE_URL: `postgres://user:canary@${nowhere}/none`,
      REDIS_URL: `redis://${nowhere}`,
    });
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^FAULT {3}no database answers: .*ECONNREFUSED.*DATABASE_URL$/));
    expect(lines).toContainEqual(expect.stringMatching(/^warning Redis does not answer/));
    expect(lines.join()).not.toContain('canary');
  });

  it('tells migrations that nobody will apply', async () => {
    const empty = await createEmptyDatabase();
    try {
      const { lines } = await doctor({ DATABASE_URL: empty.url, DATABASE_MIGRATE_ON_START: 'false' });
      expect(lines).toContainEqual(expect.stringMatching(/^FAULT {3}pending migrations: .*; run migrate up$/));
    } finally {
      await empty.drop();
    }
  });

  it('warns of an address that is taken, and of more connections than the server has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, lines } = await doctor({ PORT: String(port), DATABASE_POOL_MAX: '500' });
    other.close();
    expect(code).toBe(0);
    expect(lines).toContain(`warning something listens on port ${port} already; is it this product?`);
    expect(lines).toContainEqual(expect.stringMatching(/^warning DATABASE_POOL_MAX is 500, but the server takes/));
  });

  it('looks whether the log file could be written', async () => {
    const { lines } = await doctor({ LOG_FILE: '/nowhere/at/all.log' });
    expect(lines).toContainEqual(expect.stringMatching(/^FAULT {3}LOG_FILE: /));
  });

  it('refuses arguments', async () => {
    const { code, stderr } = await runCommand('doctor', ['--colour'], {});
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: doctor');
  });
});

describeWithRedis('doctor with Redis', () => {
  it('tells its version', async () => {
    const redis = await openTestRedis();
    try {
      const { lines } = await doctor({ REDIS_URL: redis.url });
      expect(lines).toContainEqual(expect.stringMatching(/^ok {6}Redis \d+\./));
    } finally {
      await redis.stop();
    }
  });
});
