import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { RequestContext } from '../common/context/request-context.js';
import { withFixedHeaders } from './fixed-headers.js';
import { sendsPreparedHeaders, withPreparedHeaders } from './prepared-headers.js';

const Plain = withFixedHeaders(ServerResponse);
const Prepared = withPreparedHeaders(Plain);

/** The header lines that leave, sorted, without those that differ by the clock. */
function linesOf(ResponseClass: typeof Plain, use: (response: ServerResponse) => void): string[] {
  const response = new ResponseClass(new IncomingMessage(new Socket()));
  response.fixHeaders(new RequestContext('request-1', '', undefined));
  use(response);
  if (!response.headersSent) response.writeHead(200);
  const { _header: text } = response as unknown as { _header: string };
  return text
    .replaceAll(/(Date|X-Process-Time): .*\r\n/g, '$1\r\n')
    .split('\r\n')
    .sort();
}

describe('prepared headers', () => {
  it('are sent as this Node is', () => {
    expect(sendsPreparedHeaders()).toBe(true);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['nothing more', () => undefined],
    ['a header of a handler', (response) => response.setHeader('ETag', '"1"')],
    ['a fixed header replaced', (response) => response.setHeader('cache-control', 'max-age=60')],
    ['a fixed header removed', (response) => response.removeHeader('X-Frame-Options')],
    ['a fixed header added to', (response) => response.appendHeader('vary', 'Accept')],
    ['headers handed to writeHead', (response) => response.writeHead(201, { 'Cache-Control': 'private' })],
    ['a look at all of them', (response) => expect(response.getHeaders()['x-request-id']).toBe('request-1')],
    ['a look at one of them', (response) => expect(response.hasHeader('X-Content-Type-Options')).toBe(true)],
  ])('are the ones that are set one by one, with %s', (_name, use) => {
    expect(linesOf(Prepared, use)).toEqual(linesOf(Plain, use));
  });
});
