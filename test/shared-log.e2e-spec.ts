import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { inherited } from './support/inherited.js';
import { Load } from './support/load.js';

const requests = 4000;
/** Each way of a shell's to keep a log. The signal goes to all, and only the product heeds it. */
const ways = {
  'a file': 'exec node main.js > log',
  'a pipe that is read late': 'trap "" TERM; node main.js | { sleep 3; cat; } > log',
};

describe('the log that two workers share', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it.each(Object.entries(ways))('has every line whole in %s', async (_name, command) => {
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-'));
    const port = await freePort();
    const settings = { PORT: String(port), DATABASE_URL: database.url, DATABASE_POOL_MIN: '1', WEB_CONCURRENCY: '2' };
    const shell = spawn('sh', ['-c', command.replace('node main.js', `"$NODE" ${resolve('dist/main.js')}`)], {
      cwd: folder,
      env: { ...inherited, NODE: process.execPath, HOST: '127.0.0.1', RATE_LIMIT_ANONYMOUS: 'off', ...settings },
      stdio: ['ignore', 'ignore', openSync(join(folder, 'errors'), 'w')],
      detached: true,
    });
    const ended = once(shell, 'exit');
    try {
      const serves = () =>
        fetch(`http://127.0.0.1:${port}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await eventually(serves, 20_000);
      const load = new Load(port, { keepAlive: 16, fresh: 0, next: () => ({ path: '/health' }) });
      await eventually(() => load.answered >= requests, 20_000);
      const { answered } = await load.stop();
      const log = () => readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
      const answers = () => log().filter((line) => line.includes('"request_completed"') && line.includes('"/health"'));
      await eventually(() => answers().length >= answered, 20_000);
      expect(answers()).toHaveLength(answered);
      for (const line of log()) expect(() => JSON.parse(line) as unknown).not.toThrow();
      process.kill(-shell.pid!, 'SIGTERM');
      await ended;
    } finally {
      if (shell.exitCode === null) process.kill(-shell.pid!, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
