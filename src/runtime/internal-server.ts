import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { problemMediaType, problemOf } from '../common/http/problem.js';

/** An answer that is ready to be sent, also from one process to another. */
export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Pages = Readonly<Record<string, () => Promise<Page>>>;

/** Serves pages by their paths, for the inner network: no token, no limits, nothing else. Never keeps the process alive. */
export async function servePages(pages: Pages, port: number, host: string): Promise<void> {
  const server = createServer((request, response) => {
    const page = request.method === 'GET' ? pages[request.url?.split('?')[0] ?? ''] : undefined;
    const reading = page ? page().catch(() => problemPage(500)) : Promise.resolve(problemPage(404));
    void reading.then(({ status, contentType, body }) =>
      response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body),
    );
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

export function jsonPage(body: object, status = 200): Page {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

export function problemPage(status: number, parts: Omit<Parameters<typeof problemOf>[0], 'status'> = {}): Page {
  const problem = problemOf({ ...parts, status }, randomUUID());
  return { status, contentType: problemMediaType, body: JSON.stringify(problem) };
}
