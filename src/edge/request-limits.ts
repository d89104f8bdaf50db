import type { IncomingMessage } from 'node:http';

export const maxUrlBytes = 8192;
export const maxHeaderCount = 100;
export const maxHeaderBytes = 16_384;

/** What Node's parser takes before it gives up: a long URL must still reach us to be a 414. */
export const maxParsedHeaderBytes = 65_536;

/** The status that refuses this request line and these headers, or undefined. */
export function refusalOf(request: IncomingMessage): 414 | 431 | undefined {
  if ((request.url?.length ?? 0) > maxUrlBytes) return 414;
  const { rawHeaders } = request;
  if (rawHeaders.length > maxHeaderCount * 2) return 431;
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  return bytes > maxHeaderBytes ? 431 : undefined;
}
