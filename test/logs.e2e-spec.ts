import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { HttpClient } from './support/client.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import type { LogLine, Product } from './support/product.js';
import { resources } from './support/resources.js';

/** One of a kind, so that finding it anywhere in the output is a leak. */
const canaries = {
  password: 'Canary-Password-9f2c81',
  wrongPassword: 'Canary-Wrong-5d20be',
  newPassword: 'canary-weak-77aa',
  token: 'canary-token-b38e19',
  cookie: 'canary-cookie-41fa0d',
  apiKey: 'canary-apikey-c9d377',
  query: 'canary-query-0be655',
  title: 'canary-title-e71b42',
  email: 'canary-mail-28dd6f@example.com',
  malformed: 'canary-malformed-6c0a93',
  redis: 'canary-redis-f45e12',
  thrown: 'canary-thrown-39be70',
};
const saneId = /^[A-Za-z0-9._-]{1,64}$/;
/** Throws where nobody catches it when the process is told to. Encoded, as the stack names the source. */
const saboteur = `data:text/javascript,process.once('SIGUSR2',()=>{throw Object.assign(new Error('boom'),{parameters:[atob('${btoa(canaries.thrown)}')]})})`;

describe('logs', () => {
  const started = resources();
  let product: Product;
  let client: HttpClient;
  let sql: Client;
  let logFolder: string;

  beforeAll(async () => {
    logFolder = mkdtempSync(join(tmpdir(), 'mainstay-log-'));
    const database = await started.database();
    product = await started.product({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'debug',
      DEBUG: 'true',
      LOG_FILE: join(logFolder, 'app.log'),
      REDIS_URL: `redis://:${canaries.redis}@127.0.0.1:${await freePort()}`,
      NODE_OPTIONS: `--import="${saboteur}"`,
    });
    client = new HttpClient(product.url, undefined);
    sql = new Client({ connectionString: database.url });
    await sql.connect();
    started.add(async () => {
      client.close();
      await sql.end();
      rmSync(logFolder, { recursive: true, force: true });
    });
  });

  /** What was logged while one request was served, once its last line is there. */
  async function linesOf(requestId: string): Promise<LogLine[]> {
    const mine = () => product.lines().filter((line) => line.requestId === requestId);
    await eventually(() => mine().some(({ event }) => event === 'request_completed' || event === 'request_failed'));
    return mine();
  }

  /** Everything that a secret can travel in, and errors at each turn. */
  async function useEverySecret(): Promise<void> {
    const { password, email, wrongPassword } = canaries;
    const registration = { username: 'canary_user', email, password };
    const statuses = [(await client.post('/api/v1/auth/register', registration)).status];
    statuses.push((await client.post('/api/v1/auth/register', registration)).status);
    const race = { ...registration, username: 'canary_racer', email: `x${email}` };
    const racers = await Promise.all(Array.from({ length: 10 }, () => client.post('/api/v1/auth/register', race)));
    statuses.push(...racers.map(({ status }) => status).filter((status) => status !== 409));
    await client.post('/api/v1/auth/register', { ...registration, password: canaries.newPassword });
    await client.post('/api/v1/auth/login', { username: email, password: wrongPassword });
    const login = await client.post<{ accessToken: string }>('/api/v1/auth/login', { username: email, password });
    statuses.push(login.status);
    const token = login.body.accessToken;
    const user = client.with({
      token,
      headers: { cookie: `session=${canaries.cookie}`, 'x-api-key': canaries.apiKey },
    });
    statuses.push(
      (await user.post('/api/v1/items', { title: canaries.title, price: '1', tags: [canaries.title] })).status,
    );
    statuses.push((await user.get(`/api/v1/items?q=${canaries.query}&limit=1`)).status);
    await user.get(`/api/v1/items?token=${canaries.query}&access_token=${canaries.token}`);
    await user.get(`/nothing?q=${canaries.query}`);
    await client.get('/api/v1/users/me', { token: canaries.token });
    await client.get('/api/v1/users/me', { headers: { authorization: `Basic ${canaries.token}` } });
    await user.post('/api/v1/items', `{"title": "${canaries.malformed}`, {
      headers: { 'content-type': 'application/json' },
    });
    await user.post('/api/v1/items', canaries.malformed, { headers: { 'content-type': 'text/plain' } });
    await user.post('/api/v1/items', { title: canaries.title, [canaries.malformed]: 1 });
    // Faults of the database, with the secrets among the values of the statements.
    await sql.query('ALTER TABLE items RENAME COLUMN title TO title_away');
    statuses.push((await user.post('/api/v1/items', { title: canaries.title, price: '1' })).status);
    statuses.push((await user.get(`/api/v1/items?q=${canaries.query}`)).status);
    await sql.query('ALTER TABLE items RENAME COLUMN title_away TO title');
    await sql.query('ALTER TABLE users ADD CONSTRAINT nobody CHECK (length(email) > 1000) NOT VALID');
    await user.patch('/api/v1/users/me', { email: `y${email}` });
    await sql.query('ALTER TABLE users DROP CONSTRAINT nobody');
    await sql.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    await user.get(`/api/v1/items?q=${canaries.query}`);
    expect(statuses).toEqual([201, 409, 201, 200, 201, 200, 500, 500]);
    (canaries as Record<string, string>).accessToken = token;
  }

  it('R4.2: one request_started and one request_completed tell all about a request', async () => {
    const headers = { 'x-request-id': 'simple-1', 'user-agent': 'tester/1.0' };
    await client.get('/health/live?', { headers });
    const lines = await linesOf('simple-1');
    expect(lines.map(({ event }) => event)).toEqual(['request_started', 'request_completed']);
    const [begin, end] = lines;
    const subject = { method: 'GET', path: '/health/live', clientIp: '127.0.0.1', userAgent: 'tester/1.0' };
    expect(begin).toMatchObject({ level: 'info', ...subject });
    expect(end).toMatchObject({ level: 'info', ...subject, status: 200, requestSize: 0, responseSize: 15 });
    expect(end?.durationMs).toBeGreaterThan(0);
    expect(end?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('R4.2: sizes are those of the bodies, errors included', async () => {
    const body = JSON.stringify({ username: 'nobody', password: 'wrong' });
    const { text } = await client.post('/api/v1/auth/login', body, {
      headers: { 'content-type': 'application/json', 'x-request-id': 'sized-1' },
    });
    expect((await linesOf('sized-1')).at(-1)).toMatchObject({
      status: 401,
      requestSize: body.length,
      responseSize: Buffer.byteLength(text),
    });
  });

  it('R4.2: request_failed tells of a server error and of a client that went away', async () => {
    await sql.query('ALTER TABLE users RENAME TO users_away');
    await client.post(
      '/api/v1/auth/login',
      { username: 'a', password: 'b' },
      { headers: { 'x-request-id': 'failed-1' } },
    );
    await sql.query('ALTER TABLE users_away RENAME TO users');
    const failed = await linesOf('failed-1');
    expect(failed.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['request_started', 'problem', 'request_failed']),
    );
    expect(failed.at(-1)).toMatchObject({ level: 'error', status: 503 });

    const socket = connect(Number(new URL(product.url).port), '127.0.0.1');
    socket.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nX-Request-ID: gone-1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
    );
    await eventually(() => product.lines().some(({ requestId }) => requestId === 'gone-1'));
    socket.destroy();
    await once(socket, 'close');
    expect((await linesOf('gone-1')).at(-1)).toMatchObject({ event: 'request_failed', aborted: true });
  });

  it('R4.2: every line that is logged during a request has its id', async () => {
    const headers = { 'x-request-id': 'traced-1' };
    await client.post('/api/v1/auth/login', { username: 'nobody', password: 'wrong' }, { headers });
    const lines = await linesOf('traced-1');
    expect(lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['request_started', 'sql', 'audit', 'request_completed']),
    );
    expect(lines.find(({ event }) => event === 'sql')?.sql).toMatch(/^SELECT .*\$1/);
    const strays = product
      .lines()
      .filter(({ event, requestId }) => ['audit', 'problem'].includes(event ?? '') && !requestId);
    expect(strays).toEqual([]);
  });

  it('G11: what a client sends stays inside of its line', async () => {
    const evil = String.raw`"}\n{"level":60,"msg":"forged"}`;
    const forged = '{"level":"fatal","msg":"forged"}';
    const before = product.lines().length;
    await client.get('/%0A%7B%22level%22:60%7D', { headers: { 'user-agent': evil, 'x-request-id': evil } });
    await client.get('/%1b[31mred', { headers: { 'user-agent': `\t${forged}`, referer: evil } });
    await client.post('/api/v1/auth/login', { username: `x\n${forged}\u001b[31m`, password: `\n${forged}` });
    await client.post('/api/v1/items', { [`\n${forged}`]: 1 });
    const socket = connect(Number(new URL(product.url).port), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.end(
      `GET /"}{"level":60} HTTP/1.1\r\nHost: x\r\nUser-Agent: a\x1b[31m\u2028b\r\nX-Forwarded-For: \x1b[2J${forged}\r\nConnection: close\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve));
    await client.get('/health/live', { headers: { 'x-request-id': 'after-evil' } });
    await linesOf('after-evil');
    // lines() fails when a line is not JSON.
    const lines = product.lines().slice(before);
    expect(lines.filter(({ msg, level }) => msg === 'forged' || !/^(debug|info|warn|error)$/.test(level))).toEqual([]);
    expect(product.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    for (const { requestId } of lines) if (requestId) expect(requestId).toMatch(saneId);
  });

  it('G11: each exchange has one beginning and one end', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => client.get(`/many/${index}`)));
    await client.get('/health/live', { headers: { 'x-request-id': 'after-many' } });
    await linesOf('after-many');
    const counts = new Map<string, { begun: number; ended: number }>();
    for (const { event, requestId } of product.lines()) {
      if (!event?.startsWith('request_') || !requestId) continue;
      const count = counts.get(requestId) ?? { begun: 0, ended: 0 };
      if (event === 'request_started') count.begun++;
      else count.ended++;
      counts.set(requestId, count);
    }
    expect(counts.size).toBeGreaterThan(50);
    expect([...counts].filter(([, { begun, ended }]) => begun !== 1 || ended !== 1)).toEqual([]);
  });

  it('R4.1: LOG_FILE gets the same lines', async () => {
    await client.get('/health/live', { headers: { 'x-request-id': 'in-file' } });
    await eventually(() => logFiles().some((file) => readFileSync(file, 'utf8').includes('"requestId":"in-file"')));
    const lines = readFileSync(logFiles()[0]!, 'utf8').trim().split('\n');
    for (const line of lines) JSON.parse(line);
  });

  it('R4.1: LOG_FILE is rotated at 10 MB, and five are kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-rotate-'));
    started.add(() => rmSync(folder, { recursive: true, force: true }));
    // As six runs have left them; the last one is almost full.
    for (let number = 1; number <= 6; number++)
      writeFileSync(join(folder, `app.${number}.log`), Buffer.alloc(10_485_000, '\n'));
    const database = await started.database();
    const talker = await started.product({ DATABASE_URL: database.url, LOG_FILE: join(folder, 'app.log') });
    const talk = new HttpClient(talker.url, undefined);
    const sizes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    await eventually(async () => {
      await Promise.all(Array.from({ length: 10 }, () => talk.get('/health/live')));
      return readdirSync(folder).includes('app.7.log') && readdirSync(folder).length <= 6;
    }, 15_000);
    talk.close();
    expect(Math.max(...sizes())).toBeLessThan(11_000_000);
    expect(await talker.stop()).toBe(0);
  });

  it('G10: no secret is ever written, whatever goes wrong', async () => {
    await useEverySecret();
    process.kill(product.pid, 'SIGUSR2');
    // The end of the process, which an error that nobody caught brings about, is logged by the same rules.
    await eventually(() => product.stdout.includes('uncaught_error'));
    expect(await product.stop()).toBe(1);
    const fatal = product.lines().find(({ event }) => event === 'uncaught_error');
    expect(fatal).toMatchObject({ level: 'fatal', err: { type: 'Error', message: 'boom' } });
    const written =
      product.stdout +
      product.stderr +
      logFiles()
        .map((file) => readFileSync(file, 'utf8'))
        .join('');
    const leaks = Object.entries(canaries).flatMap(([name, secret]) => {
      const at = written.indexOf(secret);
      return at === -1 ? [] : [`${name}: ${written.slice(written.lastIndexOf('\n', at) + 1, at + 80).slice(0, 2000)}`];
    });
    expect(leaks).toEqual([]);
    for (const hash of ['$argon2', '$2b$']) expect(written).not.toContain(hash);
    // The log did tell of it all.
    const events = new Set(product.lines().map(({ event }) => event));
    expect([...events]).toEqual(expect.arrayContaining(['sql', 'audit', 'problem', 'request_failed']));
  });

  function logFiles(): string[] {
    return readdirSync(logFolder).map((name) => join(logFolder, name));
  }
});
