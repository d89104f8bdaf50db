import type { IncomingMessage } from 'node:http';

export const maxUrlBytes = 8192;
export const maxHeaderCount = 100;
export const maxHeaderBytes = 16_384;

/** What Node's parser takes before it gives up: an oversized URL or header must still reach us to be told apart. */
export const maxParsedHeaderBytes = 32_768;

/** Statuses of requests that go no further, and their codes. */
export const refusalCodes = {
  400: 'bad_request',
  414: 'uri_too_long',
  417: 'expectation_failed',
  431: 'headers_too_large',
} as const;
export type Refusal = keyof typeof refusalCodes;

/** The status that refuses this request line and these headers, or undefined. */
export function refusalOf(request: IncomingMessage): Refusal | undefined {
  const { headers, rawHeaders } = request;
  if ((request.url?.length ?? 0) > maxUrlBytes) return 414;
  if (rawHeaders.length > maxHeaderCount * 2) return 431;
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  if (bytes > maxHeaderBytes) return 431;
  if (!isClearlyFramed(request) || !hasOneHost(request)) return 400;
  return headers.expect === undefined || /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect) ? undefined : 417;
}

/** A proxy and we must not differ on where a request ends (RFC 9112, sections 6.1 and 11.2). */
function isClearlyFramed({ headers, httpVersion, httpVersionMajor }: IncomingMessage): boolean {
  const encoding = headers['transfer-encoding'];
  if (httpVersionMajor === 0) return false;
  return encoding === undefined || (encoding.toLowerCase() === 'chunked' && httpVersion !== '1.0');
}

/** RFC 9112, section 3.2; HTTP/1.0 knew no Host, and HTTP/2 has another word for it. */
function hasOneHost({ httpVersion, httpVersionMajor, headers, rawHeaders }: IncomingMessage): boolean {
  if (httpVersionMajor === 2) return headers.host !== undefined;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts++;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}
