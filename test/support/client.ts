import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Problem } from './api.js';
import type { ContractCheck } from './contract-check.js';

export interface RequestOptions {
  /** Sent as Authorization: Bearer. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Values are percent-encoded; put a query that must stay raw into the path. */
  readonly query?: Readonly<Record<string, string | number>>;
  /** Objects are sent as JSON; strings and bytes go as they are. */
  readonly body?: unknown;
  /** A fault is injected, so that a 5xx answer is none of the product's mistakes. */
  readonly allow5xx?: boolean;
}

/** What was answered. `T` is the body that the test expects; by default that of an error. */
export interface Answer<T = Problem> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined when the answer is not JSON. */
  readonly body: T;
  readonly text: string;
}

/** What was sent, for whoever judges the answer. */
export interface SentRequest {
  readonly method: string;
  /** As on the request line, query included. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly payload: Buffer | undefined;
  readonly allow5xx: boolean;
}

/**
 * A client of one server. The path goes out as it is written, so that odd ones stay odd. Every answer passes the contract
 * check; a breach rejects the request.
 */
export class HttpClient {
  constructor(
    readonly url: string,
    private readonly check: ContractCheck | undefined,
    private readonly defaults: RequestOptions = {},
    private readonly agent = new Agent({ keepAlive: true }),
  ) {}

  /** The same client with options that every request has. */
  with(defaults: RequestOptions): HttpClient {
    return new HttpClient(this.url, this.check, merge(this.defaults, defaults), this.agent);
  }

  /** The same client with the user's token. */
  as({ token }: { readonly token: string }): HttpClient {
    return this.with({ token });
  }

  get<T = Problem>(path: string, options?: RequestOptions): Promise<Answer<T>> {
    return this.request<T>('GET', path, options);
  }

  post<T = Problem>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>> {
    return this.request<T>('POST', path, { ...options, body });
  }

  patch<T = Problem>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>> {
    return this.request<T>('PATCH', path, { ...options, body });
  }

  delete<T = Problem>(path: string, options?: RequestOptions): Promise<Answer<T>> {
    return this.request<T>('DELETE', path, options);
  }

  async request<T = Problem>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const sent = toSend(method, path, merge(this.defaults, options));
    const answer = await exchange<T>(this.url, sent, this.agent);
    this.check?.verify(sent, answer);
    return answer;
  }

  /** Ends the connections that wait for a next request. */
  close(): void {
    this.agent.destroy();
  }
}

function merge(first: RequestOptions, second: RequestOptions): RequestOptions {
  return { ...first, ...second, headers: { ...first.headers, ...second.headers } };
}

function toSend(method: string, path: string, options: RequestOptions): SentRequest {
  const { body, headers = {}, token, query, allow5xx = false } = options;
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = body === undefined ? undefined : Buffer.from(isRaw ? body : JSON.stringify(body));
  const search = query && new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  return {
    method,
    path: search?.size ? `${path}${path.includes('?') ? '&' : '?'}${search.toString()}` : path,
    headers: {
      ...(payload && !isRaw && { 'content-type': 'application/json' }),
      ...(payload && { 'content-length': String(payload.length) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...lowerCased(headers),
    },
    payload,
    allow5xx,
  };
}

function lowerCased(headers: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function exchange<T>(url: string, { method, path, headers, payload }: SentRequest, agent: Agent): Promise<Answer<T>> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = parsed(text, response.headers['content-type']) as T;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text });
      });
    });
    request.once('error', reject);
    request.end(payload);
  });
}

function parsed(text: string, contentType = ''): unknown {
  return /[/+]json\b/.test(contentType) && text !== '' ? JSON.parse(text) : undefined;
}
