import { createServer, request as send, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response } from 'express';
import fc from 'fast-check';
import { ProblemException } from '../common/http/problem.exception.js';
import { jsonBody } from './json-body.js';

const maxBytes = 2000;

/** What a body becomes: a value, or a problem. */
interface Outcome {
  readonly body?: unknown;
  readonly problem?: unknown;
}

describe('jsonBody', () => {
  let server: Server;
  let port: number;
  let told: (outcome: Outcome) => void;

  beforeAll(async () => {
    const app = express();
    app.use('/direct', jsonBody(maxBytes, true));
    app.use('/by-body-parser', jsonBody(maxBytes, false));
    app.use((request: Request, response: Response) => tell(response, { body: request.body as unknown }));
    app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
      if (!(error instanceof ProblemException)) throw new Error('It is no problem of ours', { cause: error });
      const { code, detail, errors, headers } = error;
      tell(response, { problem: { status: error.getStatus(), code, detail, errors, headers } });
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  function tell(response: Response, outcome: Outcome): void {
    told(outcome);
    response.set('Connection', 'close').end();
  }

  function outcomeOf(path: string, body: Buffer, headers: Record<string, string | number> = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      told = resolve;
      const options = { port, path, method: 'POST', agent: false };
      const sent = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
      send({ ...options, headers: sent }, (response) => response.resume())
        .on('error', reject)
        .end(body);
    });
  }

  async function expectSame(body: Buffer, headers?: Record<string, string>): Promise<Outcome> {
    const direct = await outcomeOf('/direct', body, headers);
    expect(direct).toEqual(await outcomeOf('/by-body-parser', body, headers));
    return direct;
  }

  const json = fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text));
  /** JSON with a byte changed here and there, which is JSON no more as a rule, nor UTF-8 at times. */
  const nearlyJson = fc
    .tuple(json, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }))
    .map(([bytes, changes]) => {
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });

  it('reads a plain body as body-parser does, and has the same against it', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyJson, async (body) => {
        await expectSame(body);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['an object', '{"a":[1,"ü"]}', { body: { a: [1, 'ü'] } }],
    ['an object behind a byte order mark', '\uFEFF{"a":1}', { body: { a: 1 } }],
    ['blanks around', ' \r\n[1]\t', { body: [1] }],
  ])('takes %s', async (_, text, outcome) => expect(await expectSame(Buffer.from(text))).toEqual(outcome));

  it.each([
    ['a bare value', Buffer.from('7')],
    ['blanks alone', Buffer.from('  ')],
    ['half an object', Buffer.from('{"a":')],
    ['what is not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['a key that reaches for prototypes', Buffer.from('{"a":{"__proto__":1}}')],
    ['more than is allowed', Buffer.from(JSON.stringify('a'.repeat(maxBytes)))],
  ])('refuses %s', async (_, body) => expect(await expectSame(body)).toHaveProperty('problem'));

  it('leaves packed bodies to body-parser', async () => {
    const packed = gzipSync('{"a":1}');
    expect(await expectSame(packed, { 'content-encoding': 'gzip' })).toEqual({ body: { a: 1 } });
  });

  it.each(['/direct', '/by-body-parser'])('tells when a client breaks off (%s)', async (path) => {
    const outcome = new Promise<Outcome>((resolve) => (told = resolve));
    const socket = connect(port, '127.0.0.1');
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    socket.write(`${head}{"a":`, () => setTimeout(() => socket.destroy(), 50));
    expect(await outcome).toHaveProperty('problem');
  });
});
