import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { killProducts, Product } from './support/server-process.js';

/** Node has no datagram sockets of the Unix kind; Python does. */
const receiver = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print('BOUND', flush=True)
while True:
    for line in s.recv(4096).decode().split('\\n'):
        print(line, flush=True)
`;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'mainstay-systemd-'));
});

let python: ChildProcess | undefined;

afterEach(async () => {
  python?.kill('SIGKILL');
  await killProducts();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

/** What the product says from its start over a reload to its end. */
async function saidBy(settings: Record<string, string>, heard: () => string[]): Promise<void> {
  const product = await Product.start({ DATABASE_URL: database.url, DATABASE_POOL_MIN: '0', ...settings });
  await product.listening();
  await eventually(() => heard().includes('READY=1'), 20_000);
  await product.serving();
  await eventually(() => heard().includes('WATCHDOG=1'), 10_000);
  product.signal('SIGHUP');
  await eventually(() => heard().filter((line) => line === 'READY=1').length === 2, 30_000);
  product.signal('SIGTERM');
  const { code, stderr } = await product.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await eventually(() => heard().includes('STOPPING=1'));
  const [reloading, clock] = heard().filter((line) => /^(RELOADING|MONOTONIC_USEC)=/.test(line));
  expect(reloading).toBe('RELOADING=1');
  expect(Math.abs(Number(clock?.split('=')[1]) / 1e6 - Number(process.hrtime.bigint()) / 1e9)).toBeLessThan(60);
  const order = heard().filter((line) => /^(READY|RELOADING|STOPPING)=1$/.test(line));
  expect(order).toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
  expect(heard()).toEqual(expect.arrayContaining(['STATUS=Serving', 'STATUS=Finishing what is in flight']));
}

it.each([
  ['one process', '1'],
  ['a supervisor', '2'],
])('%s tells systemd when it is ready, lives, reloads and stops, through systemd-notify', async (_who, workers) => {
  const record = join(folder, `said-${workers}`);
  const program = join(folder, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\nfor said in "$@"; do echo "$said" >> "$NOTIFY_SOCKET"; done\n`);
  chmodSync(program, 0o755);
  await saidBy(
    {
      PATH: `${folder}:${process.env.PATH}`,
      WEB_CONCURRENCY: workers,
      NOTIFY_SOCKET: record,
      WATCHDOG_USEC: '2000000',
    },
    () => (existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : []),
  );
});

const canReceive = ['python3', 'systemd-notify'].every((name) => {
  try {
    execFileSync('which', [name]);
    return true;
  } catch {
    return false;
  }
});

// Where the two programs are missing, the test above stands alone.
(canReceive ? it : it.skip).each(['@mainstay-test-' + process.pid, 'notify.sock'])(
  'systemd hears it on a socket such as %s',
  async (name) => {
    const address = name.startsWith('@') ? name : join(folder, name);
    const receiving = spawn('python3', ['-c', receiver, address], { stdio: ['ignore', 'pipe', 'inherit'] });
    python = receiving;
    let said = '';
    receiving.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await eventually(() => said.includes('BOUND'), 10_000);
    await saidBy({ NOTIFY_SOCKET: address, WATCHDOG_USEC: '2000000' }, () => said.split('\n'));
  },
);

it('a missing systemd-notify is told in the log and hurts nobody', async () => {
  const product = await Product.start({
    DATABASE_URL: database.url,
    DATABASE_POOL_MIN: '0',
    PATH: folder + '/nothing',
    NOTIFY_SOCKET: join(folder, 'nobody'),
  });
  await product.logged(({ level, msg }) => level === 'warn' && /^systemd is not told READY=1 .*ENOENT/.test(msg ?? ''));
  expect(await product.status('/health/ready')).toBe(200);
});
