import { once } from 'node:events';
import { connect } from 'node:net';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import { startTestApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { describeWithNginx, startNginx, type Nginx } from './support/nginx.js';
import { sendRaw } from './support/raw-http.js';

const host = 'Host: example.test\r\n';
const close = 'Connection: close\r\n';

/** A login whose framing is the test's business. */
function post(headers: string, body = ''): string {
  return `POST /api/v1/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${body}`;
}

function headers(count: number): string {
  return Array.from({ length: count }, (_, index) => `X-Header-${index}: a\r\n`).join('');
}

/** Requests whose end two parsers could see in different places. */
const ambiguous: Record<string, string> = {
  'both a length and an encoding': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'two lengths': post('Content-Length: 2\r\nContent-Length: 7\r\n', '{}     '),
  'an encoding that is none': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
  'an encoding before chunked': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'an encoding after chunked': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
  'two encodings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
  'a space before the colon': post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
  'a folded header': `GET /health/live HTTP/1.1\r\n${host}X-A: a\r\n b\r\n\r\n`,
  'bare line feeds': 'GET /health/live HTTP/1.1\nHost: example.test\n\n',
  'a bare carriage return': 'GET /health/live HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n',
  'a length with a sign': post('Content-Length: +2\r\n', '{}'),
  'a negative length': post('Content-Length: -2\r\n', '{}'),
  'a length beyond all numbers': post('Content-Length: 99999999999999999999999\r\n', '{}'),
  'a chunk size in other digits': post('Transfer-Encoding: chunked\r\n', '0x2\r\n{}\r\n0\r\n\r\n'),
  'a chunk that ends in a line feed': post('Transfer-Encoding: chunked\r\n', '2\n{}\r\n0\r\n\r\n'),
  'an encoding in HTTP/1.0': `POST /api/v1/auth/login HTTP/1.0\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
};

/** Requests that are no HTTP/1.1. */
const malformed: Record<string, string | Buffer> = {
  'without a Host': `GET /health/live HTTP/1.1\r\n${close}\r\n`,
  'with two Hosts': `GET /health/live HTTP/1.1\r\n${host}Host: other.test\r\n\r\n`,
  'without a version': 'GET /health/live\r\n\r\n',
  'of version 2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'with an unknown method': `BREW / HTTP/1.1\r\n${host}\r\n`,
  'with a path that does not begin with a slash': `GET health HTTP/1.1\r\n${host}\r\n`,
  'with bytes above ASCII in the path': Buffer.from(`GET /\xff HTTP/1.1\r\n${host}\r\n`, 'latin1'),
  'with U+0000 in a header': `GET /health/live HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`,
  'that are a TLS greeting': Buffer.from('16030102000100', 'hex'),
};

describe('protocol', () => {
  let app: TestApp;
  let ada: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp({ REQUEST_TIMEOUT: '1' });
    ada = await signedInUser(app);
  });
  afterAll(() => app.close());

  /** sendRaw fails when an answer is an error without problem body or fixed headers. */
  async function statusOf(bytes: string | Buffer): Promise<number[]> {
    return (await sendRaw(app.url, bytes)).map(({ status }) => status);
  }

  describe('E3: framing that a proxy may read differently is 400, and the connection ends', () => {
    it.each(Object.entries(ambiguous))('%s', async (_, bytes) => {
      const smuggled = `GET /health/live HTTP/1.1\r\n${host}${close}\r\n`;
      expect(await statusOf(bytes + smuggled)).toEqual([400]);
    });
  });

  describe('E3: requests that are malformed are 400 problems', () => {
    it.each(Object.entries(malformed))('%s', async (_, bytes) => {
      const [answer, ...more] = await sendRaw(app.url, bytes);
      expect(answer?.status).toBe(400);
      expect(answer?.body).toMatchObject({ code: 'bad_request', title: 'Bad Request' });
      expect(more).toEqual([]);
    });
  });

  describeWithNginx('behind nginx', () => {
    let nginx: Nginx;
    beforeAll(async () => {
      nginx = await startNginx(app.url);
    });
    afterAll(() => nginx.stop());

    // nginx takes a line feed for a line end and sends clean ones on, so that there is nothing to disagree on.
    const refused = Object.entries(ambiguous).filter(([name]) => !name.includes('line feed'));

    it.each(refused)('E3: nothing is smuggled with %s', async (_, bytes) => {
      // Who refuses is nginx for some and the product for others; the connection ends with one refusal.
      const smuggled = `GET /api/v1/smuggled HTTP/1.1\r\n${host}${close}\r\n`;
      const text = await exchange(nginx.url, bytes + smuggled);
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ (400|411|501)$/)]);
    });
  });

  describe('E2: too much before the body', () => {
    it.each([8193, 30_000, 70_000, 300_000])('a URL of %d bytes is 414', async (length) => {
      const [answer] = await sendRaw(app.url, `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\n${host}\r\n`);
      expect(answer).toMatchObject({ status: 414, body: { code: 'uri_too_long' }, headers: { connection: 'close' } });
    });

    it('a URL of 8,192 bytes is looked up', async () => {
      expect(await statusOf(`GET /${'a'.repeat(8191)} HTTP/1.1\r\n${host}${close}\r\n`)).toEqual([404]);
    });

    it.each([101, 2500])('%d headers are 431', async (count) => {
      const [answer] = await sendRaw(app.url, `GET /health/live HTTP/1.1\r\n${host}${headers(count - 1)}\r\n`);
      expect(answer).toMatchObject({ status: 431, body: { code: 'headers_too_large' } });
    });

    it('100 headers pass', async () => {
      expect(await statusOf(`GET /health/live HTTP/1.1\r\n${host}${close}${headers(98)}\r\n`)).toEqual([200]);
    });

    it.each([16_384, 40_000, 70_000, 1_000_000])('a header of %d bytes is 431', async (length) => {
      const value = 'a'.repeat(length);
      expect(await statusOf(`GET /health/live HTTP/1.1\r\n${host}X-Long: ${value}\r\n\r\n`)).toEqual([431]);
    });

    it('16,000 bytes of headers pass', async () => {
      const value = 'a'.repeat(16_000);
      expect(await statusOf(`GET /health/live HTTP/1.1\r\n${host}${close}X-Long: ${value}\r\n\r\n`)).toEqual([200]);
    });
  });

  describe('E1: slow senders', () => {
    it('headers that do not end in time are 408', async () => {
      expect(await statusOf('GET /health/live HTTP/1.1\r\nHost: exa')).toEqual([408]);
    });

    it('a body that does not end in time is 408', async () => {
      const [answer] = await sendRaw(app.url, post('Content-Length: 100\r\n', '{"username":'));
      expect(answer).toMatchObject({
        status: 408,
        body: { code: 'request_timeout' },
        headers: { connection: 'close' },
      });
    });

    it('others are served meanwhile', async () => {
      const slow = Array.from({ length: 200 }, () => {
        const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
        socket.on('error', () => undefined).resume();
        socket.write('GET / HTTP/1.1\r\nX-Slow: ');
        return socket;
      });
      const startedAt = performance.now();
      for (let index = 0; index < 20; index++) expect((await app.client.get('/health/live')).status).toBe(200);
      expect(performance.now() - startedAt).toBeLessThan(1000);
      await eventually(() => slow.every((socket) => socket.closed));
    });
  });

  describe('G4: methods', () => {
    it.each(['PUT', 'DELETE', 'TRACE', 'PROPFIND'])(
      '%s on a route that has others is 405 with Allow',
      async (method) => {
        const answer = await app.client.as(ada).request(method, '/api/v1/items');
        expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
        expect(allowOf(answer.headers.allow)).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
      },
    );

    it('a stranger gets 401 or 405', async () => {
      expect([401, 405]).toContain((await app.client.request('PUT', '/api/v1/items')).status);
    });

    it('Allow is that of the most literal route', async () => {
      const { headers: me } = await app.client.as(ada).request('PUT', '/api/v1/users/me');
      const { headers: other } = await app.client.as(ada).request('PUT', `/api/v1/users/${ada.user.id}`);
      const { headers: restore } = await app.client.as(ada).get(`/api/v1/items/${ada.user.id}/restore`);
      expect(allowOf(me.allow)).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH']);
      expect(allowOf(other.allow)).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH']);
      expect(allowOf(restore.allow)).toEqual(['OPTIONS', 'POST']);
    });

    it.each(['GET', 'PUT', 'TRACE', 'OPTIONS'])('%s on an unknown route is 404', async (method) => {
      expect(await app.client.request(method, '/api/v1/nothing')).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
      expect(await app.client.as(ada).request(method, '/api/v1/nothing')).toMatchObject({ status: 404 });
    });

    it('OPTIONS that is no preflight tells Allow', async () => {
      const answer = await app.client.request('OPTIONS', '/api/v1/items');
      expect(answer.status).toBe(204);
      expect(allowOf(answer.headers.allow)).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
      expect(await statusOf(`OPTIONS * HTTP/1.1\r\n${host}${close}\r\n`)).toEqual([204]);
    });

    it('HEAD answers the headers of GET and no body', async () => {
      const get = await app.client.as(ada).get('/api/v1/users/me');
      const head = await app.client.as(ada).request('HEAD', '/api/v1/users/me');
      expect(head).toMatchObject({ status: 200, text: '' });
      expect(Object.keys(head.headers).sort()).toEqual(Object.keys(get.headers).sort());
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
      expect(await app.client.request('HEAD', '/api/v1/users/me')).toMatchObject({ status: 401, text: '' });
    });

    it('CONNECT is refused', async () => {
      const [answer] = await sendRaw(app.url, `CONNECT example.test:443 HTTP/1.1\r\n${host}\r\n`);
      expect(answer).toMatchObject({ status: 405, headers: { connection: 'close' } });
    });

    it('an expectation other than 100-continue is 417', async () => {
      const [answer] = await sendRaw(app.url, post('Expect: cake\r\nContent-Length: 2\r\n', '{}'));
      expect(answer).toMatchObject({ status: 417, body: { code: 'expectation_failed' } });
    });

    it('HTTP/1.0 without Host is served', async () => {
      expect(await statusOf('GET /health/live HTTP/1.0\r\n\r\n')).toEqual([200]);
    });

    it('an upgrade that nobody offers is an ordinary request', async () => {
      const upgrade = `GET /health/live HTTP/1.1\r\n${host}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
      expect(await statusOf(upgrade)).toEqual([200]);
    });
  });

  it('pipelined requests are answered in order', async () => {
    const requests = ['/health/live', '/nothing', '/health'].map((path) => `GET ${path} HTTP/1.1\r\n${host}`);
    expect(await statusOf(`${requests.join('\r\n')}${close}\r\n`)).toEqual([200, 404, 200]);
  });
});

function allowOf(header: string | undefined): string[] {
  return (header ?? '').split(', ').sort();
}

async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
