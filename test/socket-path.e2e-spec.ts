import { existsSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { killProducts, Product } from './support/server-process.js';

let database: TestDatabase;
let folder: string;
let socketPath: string;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-socket-'));
  socketPath = join(folder, 'api.sock');
});

afterEach(async () => {
  await killProducts();
  await rm(folder, { recursive: true });
});

afterAll(() => database.drop());

function start(settings: Record<string, string> = {}): Promise<Product> {
  return Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '0', SOCKET_PATH: socketPath, ...settings });
}

async function liveness(): Promise<number | undefined> {
  const sent = request({ socketPath, path: '/health/live', agent: false }).end();
  const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

describe.each([
  ['one process', '1'],
  ['workers', '2'],
])('SOCKET_PATH with %s', (_who, workers) => {
  it('R1.1: serves on the socket, open to its owner and group, and removes it at the end', async () => {
    const product = await start({ WEB_CONCURRENCY: workers });
    await product.serving();
    expect(await liveness()).toBe(200);
    expect((statSync(socketPath).mode & 0o777).toString(8)).toBe('660');
    expect(product.log.at(-1)?.msg).toContain(`Serving unix:${socketPath}/api/v1`);
    product.signal('SIGTERM');
    expect((await product.finished).code).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });

  it('R1.1: takes the place of a socket that a killed process left, with SOCKET_MODE', async () => {
    const killed = await start({ WEB_CONCURRENCY: workers });
    await killed.serving();
    killed.signal('SIGKILL');
    await killed.finished;
    expect(existsSync(socketPath)).toBe(true);
    const product = await start({ WEB_CONCURRENCY: workers, SOCKET_MODE: '0600' });
    await product.serving();
    expect(await liveness()).toBe(200);
    expect((statSync(socketPath).mode & 0o777).toString(8)).toBe('600');
  });

  it('R1.1: fails when another process listens there, and leaves it alone', async () => {
    const other = createServer().listen(socketPath);
    await once(other, 'listening');
    const product = await start({ WEB_CONCURRENCY: workers });
    const { code, stderr } = await product.finished;
    expect(code).toBe(1);
    expect(stderr).toBe(
      `listen EADDRINUSE: address already in use ${socketPath}: another process listens there; stop it or set SOCKET_PATH\n`,
    );
    expect(existsSync(socketPath)).toBe(true);
    other.close();
  });
});

it('R1.1: a file that is no socket is not removed', async () => {
  writeFileSync(socketPath, 'precious');
  const product = await start();
  const { code, stderr } = await product.finished;
  expect(code).toBe(1);
  expect(stderr).toContain('EADDRINUSE');
  expect(existsSync(socketPath)).toBe(true);
});
