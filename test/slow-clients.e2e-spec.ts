import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { percentile } from './support/speed.js';

const responseTimeoutMs = 1000;

describe('slow and idle clients', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let sockets: Socket[] = [];

  beforeAll(async () => {
    app = await startTestApp({
      REQUEST_TIMEOUT: '2',
      RESPONSE_TIMEOUT: String(responseTimeoutMs / 1000),
      KEEP_ALIVE_TIMEOUT: '20',
      MAX_CONNECTIONS: '650',
    });
    ada = await signedInUser(app);
    // A page of about half a megabyte.
    await app.sql(
      `INSERT INTO items (id, owner_id, title, description, price, version)
       SELECT gen_random_uuid(), $1, 'Long ' || n, repeat('x', 5000), 1, 1 FROM generate_series(1, 100) AS n`,
      [ada.user.id],
    );
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  });
  afterAll(() => app.close());

  async function open(): Promise<Socket> {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  const page = () => `GET /api/v1/items?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`;
  const live = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

  async function cut(reason: string): Promise<number> {
    const { text } = await app.client.get('/metrics');
    return Number(new RegExp(`^requests_cut_total{reason="${reason}"} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  }

  /** Milliseconds that an honest client waits, in the middle: the worst of few says more of the machine (see test:crowd). */
  async function typical(path: string): Promise<number> {
    const times: number[] = [];
    for (let index = 0; index < 150; index++) {
      const startedAt = performance.now();
      expect((await app.client.as(ada).get(path)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    return percentile(times, 0.5);
  }

  it('R19: a client that does not take its answer is cut after RESPONSE_TIMEOUT', async () => {
    const socket = await open();
    socket.pause();
    // More than the system buffers, so that some of it waits in the process.
    socket.write(page().repeat(40));
    await eventually(async () => (await cut('slow_reader')) === 1, 10_000);
    socket.resume();
    await once(socket, 'close');
  });

  it('R19: a client that takes it slowly but steadily gets all of it', async () => {
    const socket = await open();
    let bytes = 0;
    const before = await cut('slow_reader');
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 10);
    });
    socket.write(page().repeat(10));
    await eventually(() => bytes > 5_000_000, 20_000);
    expect(await cut('slow_reader')).toBe(before);
  });

  it('E1: 500 clients that send a byte at a time do not make others wait, and get 408', async () => {
    const path = '/api/v1/users/me';
    await typical(path);
    const base = await typical(path);
    const slow = await Promise.all(Array.from({ length: 500 }, () => open()));
    const answers = slow.map((socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      return once(socket, 'close').then(() => text);
    });
    const head = `POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    for (const [index, socket] of slow.entries()) socket.write(index % 2 === 0 ? head : 'GET / HTTP/1.1\r\nX-Slow: ');
    const trickle = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('x');
    }, 200);
    // Twice the base, and what 500 sockets cost a busy machine.
    expect(await typical(path)).toBeLessThan(2 * base + 50);
    const statuses = (await Promise.all(answers)).map((text) => text.slice(9, 12));
    clearInterval(trickle);
    expect(new Set(statuses)).toEqual(new Set(['408']));
  });

  it('E6: MAX_CONNECTIONS bounds what is open; those that are served go on, and there is room again', async () => {
    const kept = await open();
    const others = await Promise.all(Array.from({ length: 700 }, () => open()));
    await eventually(() => others.some((socket) => socket.closed));
    kept.write(live);
    expect(String((await once(kept, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    expect((await app.client.get('/metrics')).text).toMatch(/^connections_dropped_total [1-9]/m);
    for (const socket of others) socket.destroy();
    await eventually(async () => {
      const late = await open();
      late.write(live);
      const [chunk] = (await Promise.race([once(late, 'data'), once(late, 'close')])) as [Buffer | boolean];
      return String(chunk).startsWith('HTTP/1.1 200');
    });
  });

  it('R20: an idle connection outlives the timeouts of a request, up to KEEP_ALIVE_TIMEOUT', async () => {
    const socket = await open();
    socket.write(live);
    const first = String((await once(socket, 'data'))[0]);
    expect(first).toMatch(/\r\nKeep-Alive: timeout=20\r\n/);
    await delay(3200);
    socket.write(live);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
  });
});
