import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Client } from 'pg';
import { newRegistration } from './factories/user.factory.js';
import type { Item, Problem, Token } from './support/api.js';
import { describeWithOpenssl, writeCertificate } from './support/certificates.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { killProducts, Product } from './support/server-process.js';

interface Answer<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: T;
}

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

type Send = <T = Problem>(sent: Sent) => Promise<Answer<T>>;

const itemsPath = '/api/v1/items';

describeWithOpenssl('TLS', () => {
  let folder: string;
  let database: TestDatabase;
  let product: Product;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-tls-'));
    writeCertificate(folder, 'first');
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await killProducts();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const files = () => ({ SSL_KEYFILE: join(folder, 'key.pem'), SSL_CERTFILE: join(folder, 'cert.pem') });

  async function start(settings: Record<string, string>): Promise<void> {
    product = await Product.start({
      DATABASE_URL: database.url,
      DATABASE_POOL_MIN: '1',
      DATABASE_LOCK_TIMEOUT: '60',
      ...files(),
      ...settings,
    });
    await product.serving();
  }

  async function greet(options: object = {}): Promise<TLSSocket> {
    const socket = connectTls({ port: product.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  async function holder(): Promise<string> {
    const socket = await greet();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  const sendHttp1: Send = (sent) => {
    const { method = 'GET', path, token, headers = {}, body } = sent;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          port: product.port,
          host: '127.0.0.1',
          method,
          path,
          agent: new Agent({ rejectUnauthorized: false }),
          headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.once('end', () => {
            const parsed = (text ? JSON.parse(text) : undefined) as never;
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
          });
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  };

  let session: ClientHttp2Session;
  const openSession = () => {
    session = connectHttp2(`https://127.0.0.1:${product.port}`, { rejectUnauthorized: false });
    session.on('error', () => undefined);
  };

  const sendHttp2: Send = async ({ method = 'GET', path, token, headers = {}, body }) => {
    const stream = session.request(
      {
        ':method': method,
        ':path': path,
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    const [received] = (await once(stream, 'response')) as [Record<string, unknown>];
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const parsed = (text ? JSON.parse(text) : undefined) as never;
    return { status: Number(received[':status']), headers: received, body: parsed };
  };

  async function signIn(send: Send): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const auth = (path: string, body: object) =>
      send<Partial<Token>>({ method: 'POST', path: `/api/v1/auth/${path}`, headers, body: JSON.stringify(body) });
    let token: string | undefined;
    // On a busy machine the hash of a password may take longer than the second that some of these products give a request.
    await eventually(async () => {
      const registration = newRegistration();
      await auth('register', registration);
      const { username, password } = registration;
      token = (await auth('login', { username, password })).body.accessToken;
      return token !== undefined;
    }, 20_000);
    return token!;
  }

  describe.each([
    ['HTTP/1.1', sendHttp1, { HTTP2: 'false' }],
    ['HTTP/1.1 beside HTTP/2', sendHttp1, { HTTP2: 'true' }],
    ['HTTP/2', sendHttp2, { HTTP2: 'true' }],
  ] as const)('R1.9: over %s', (_name, send, settings) => {
    let token: string;

    beforeAll(async () => {
      await start({ ...settings, REQUEST_TIMEOUT: '1', MAX_CONCURRENCY: '2' });
      openSession();
      token = await signIn(send);
    });
    afterAll(async () => {
      session.destroy();
      product.signal('SIGTERM');
      expect(await product.finished).toMatchObject({ code: 0, stderr: '' });
    });

    it('answers are what they are without TLS: entity tags, 304, problems, fixed headers', async () => {
      const headers = { 'content-type': 'application/json' };
      // No length is told: in HTTP/1 the body is chunked.
      const created = await send<Item>({
        method: 'POST',
        path: itemsPath,
        token,
        headers,
        body: JSON.stringify({ title: 'Lamp', price: '5' }),
      });
      expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' }, body: { title: 'Lamp', price: '5.00' } });
      const path = String(created.headers.location);
      expect(created.headers['x-process-time']).toMatch(/^\d+\.\d{6}$/);
      expect(created.headers['strict-transport-security']).toContain('max-age=31536000');
      expect(await send({ path, token, headers: { 'if-none-match': '"1"' } })).toMatchObject({ status: 304 });
      expect(await send({ method: 'PATCH', path, token, headers, body: '{"status":"active"}' })).toMatchObject({
        status: 428,
        body: { code: 'precondition_required' },
      });
      expect(await send({ method: 'HEAD', path, token })).toMatchObject({ status: 200, headers: { etag: '"1"' } });
      expect(await send({ method: 'PUT', path: itemsPath, token })).toMatchObject({
        status: 405,
        headers: { allow: expect.stringContaining('POST') as string },
      });
      expect(await send({ path: '/nothing' })).toMatchObject({
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
      });
      const large = { method: 'POST', path: itemsPath, token, headers, body: `{"title":"${'x'.repeat(200_000)}"}` };
      expect(await send(large)).toMatchObject({ status: 413 });
      expect(await send({ path: `/${'a'.repeat(9000)}` })).toMatchObject({ status: 414 });
    });

    it('E1: a body that does not end in time is 408', async () => {
      const request = { method: 'POST', path: itemsPath, token, headers: { 'content-type': 'application/json' } };
      const answer = await (send === sendHttp2 ? halfOverHttp2(request) : halfOverHttp1(request));
      expect(answer).toMatch(/408/);
    });

    it('E8, R1.4: overload is 503 overloaded, and what takes too long 503 deadline_exceeded', async () => {
      const locker = new Client({ connectionString: database.url });
      await locker.connect();
      await locker.query('BEGIN; LOCK TABLE items');
      const answers = await Promise.all([1, 2, 3].map(() => send({ path: itemsPath, token })));
      await locker.query('ROLLBACK');
      await locker.end();
      const codes = answers.map(({ status, body }) => `${status} ${body.code}`).sort();
      expect(codes).toEqual(['503 deadline_exceeded', '503 deadline_exceeded', '503 overloaded']);
      expect(await send({ path: itemsPath, token })).toMatchObject({ status: 200 });
    });

    it('no request that was answered counts as given up', async () => {
      for (let count = 0; count < 10; count++) await send({ path: itemsPath, token });
      expect(product.log.filter(({ event }) => event === 'request_failed')).toEqual(
        product.log.filter((line) => event(line) === 'request_failed' && status(line) >= 500),
      );
    });
  });

  const event = (line: object) => (line as { event?: string }).event;
  const status = (line: object) => (line as { status?: number }).status ?? 0;

  async function halfOverHttp1({ method, path, token, headers }: Sent): Promise<string> {
    const socket = await greet();
    const fields = { ...headers, host: 'x', authorization: `Bearer ${token}`, 'content-length': 100 };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value as string}\r\n`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n{`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text.split('\r\n')[0] ?? '';
  }

  async function halfOverHttp2({ method, path, token, headers }: Sent): Promise<string> {
    const stream = session.request({ ':method': method, ':path': path, authorization: `Bearer ${token}`, ...headers });
    stream.write('{');
    const [received] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.resume();
    stream.close();
    return String(received[':status']);
  }

  it('R1.9: a client that knows only TLS 1.1 is refused', async () => {
    await start({ HTTP2: 'true' });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const socket = connectTls({ port: product.port, host: '127.0.0.1', rejectUnauthorized: false, ...old } as object);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/);
    expect((await greet({ ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('h2');
  });

  it('R1.9: SIGHUP takes a new certificate for new connections, and keeps the old one when the new can not be used', async () => {
    const open = await greet();
    writeCertificate(folder, 'second');
    product.signal('SIGHUP');
    await eventually(async () => (await holder()) === 'second');
    open.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String((await once(open, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    open.destroy();

    const key = readFileSync(join(folder, 'key.pem'));
    writeFileSync(join(folder, 'key.pem'), 'nonsense');
    product.signal('SIGHUP');
    await product.logged((line) => line.event === 'certificate_kept' && /SSL_KEYFILE/.test(line.msg ?? ''));
    expect(await holder()).toBe('second');
    writeFileSync(join(folder, 'key.pem'), key);
  });

  it('R8: HTTP/2 sessions are told to go away, and what is in flight on them is finished', async () => {
    openSession();
    const token = await signIn(sendHttp2);
    const locker = new Client({ connectionString: database.url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE items');
    const inFlight = sendHttp2({ path: itemsPath, token });
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await eventually(async () => (await locker.query(waiting)).rowCount === 1);
    const away = once(session, 'goaway');
    product.signal('SIGTERM');
    expect((await away)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    await locker.query('ROLLBACK');
    await locker.end();
    expect(await inFlight).toMatchObject({ status: 200, body: { data: [] } });
    expect(await product.finished).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [{ SSL_KEYFILE: '/nowhere' }, [`SSL_KEYFILE can't be read: ENOENT`]],
    [{ SSL_KEYFILE: 'package.json' }, ['SSL_KEYFILE must hold a private key in PEM without a passphrase']],
    [{ SSL_CERTFILE: 'package.json' }, ['SSL_CERTFILE must hold a certificate in PEM']],
  ])('R1.9: %j ends the start with every fault', async (settings, faults) => {
    const inFolder = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        value.replace(/^(package\.json)$/, `${process.cwd()}/$1`),
      ]),
    );
    const refused = await Product.start({ DATABASE_URL: database.url, ...files(), ...inFolder });
    const { code, stderr } = await refused.finished;
    expect(code).toBe(1);
    for (const fault of faults) expect(stderr).toContain(fault);
  });

  it('R1.9: a key that belongs to another certificate ends the start', async () => {
    const other = mkdtempSync(join(folder, 'other-'));
    writeCertificate(other, 'other');
    const settings = { ...files(), SSL_KEYFILE: join(other, 'key.pem') };
    const { code, stderr } = await (await Product.start({ DATABASE_URL: database.url, ...settings })).finished;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('must hold the key of') as string });
  });
});
