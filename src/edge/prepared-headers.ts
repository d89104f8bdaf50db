import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestContext } from '../common/context/request-context.js';
import { processTimeOf, type FixedHeadersResponse } from './fixed-headers.js';
import { securityHeaders } from './security-headers.js';

/** Node's own step that makes the text of all headers; not part of its public interface, see sendsPreparedHeaders. */
interface HeaderWriter {
  _storeHeader(firstLine: string, headers: unknown): void;
}

const fixedNames = new Set(['x-request-id', ...securityHeaders.map(([name]) => name.toLowerCase())]);
const fixedBlock = securityHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('');

/**
 * Sends the fixed headers as one text that is put behind the status line, in place of fifteen that are checked, kept and
 * written one by one. As soon as somebody looks at one of them or changes it, they are set like any other.
 */
export function withPreparedHeaders(Base: FixedHeadersResponse): FixedHeadersResponse {
  return class PreparedHeadersResponse extends Base {
    /** Set while the fixed headers are still to be sent as one text. */
    private prepared?: RequestContext;

    override fixHeaders(context: RequestContext): void {
      this.prepared = context;
    }

    override setHeader(name: string, value: number | string | readonly string[]): this {
      this.touch(name);
      return super.setHeader(name, value);
    }

    override appendHeader(name: string, value: string | readonly string[]): this {
      this.touch(name);
      return super.appendHeader(name, value);
    }

    override getHeader(name: string): number | string | string[] | undefined {
      this.touch(name);
      return super.getHeader(name);
    }

    override hasHeader(name: string): boolean {
      this.touch(name);
      return super.hasHeader(name);
    }

    override removeHeader(name: string): void {
      this.touch(name);
      super.removeHeader(name);
    }

    override getHeaders(): ReturnType<ServerResponse['getHeaders']> {
      this.setFixed();
      return super.getHeaders();
    }

    override getHeaderNames(): string[] {
      this.setFixed();
      return super.getHeaderNames();
    }

    override writeHead(status: number, ...rest: unknown[]): this {
      // Who hands headers over may mean one of these.
      if (rest.length > 0) this.setFixed();
      return super.writeHead(status, ...(rest as [string]));
    }

    _storeHeader(firstLine: string, headers: unknown): void {
      const { prepared } = this;
      const text = prepared
        ? `${firstLine}${fixedBlock}X-Request-ID: ${prepared.requestId}\r\nX-Process-Time: ${processTimeOf(prepared)}\r\n`
        : firstLine;
      (Base.prototype as unknown as HeaderWriter)._storeHeader.call(this, text, headers);
    }

    private touch(name: string): void {
      if (this.prepared && fixedNames.has(name.toLowerCase())) this.setFixed();
    }

    private setFixed(): void {
      const { prepared } = this;
      this.prepared = undefined;
      if (prepared) super.fixHeaders(prepared);
    }
  };
}

/** Whether this Node takes the text as it is meant. Asked once at the start; if not, the headers are set one by one. */
export function sendsPreparedHeaders(): boolean {
  class Probe extends ServerResponse {
    _storeHeader(firstLine: string, headers: unknown): void {
      const node = ServerResponse.prototype as unknown as HeaderWriter;
      node._storeHeader.call(this, `${firstLine}X-Probe: 1\r\n`, headers);
    }
  }
  try {
    const probe = new Probe(new IncomingMessage(new Socket()));
    probe.setHeader('X-Other', '2');
    probe.writeHead(200);
    const { _header: text } = probe as unknown as { _header: string };
    return text.startsWith('HTTP/1.1 200 OK\r\nX-Probe: 1\r\nX-Other: 2\r\n') && text.endsWith('\r\n\r\n');
  } catch {
    return false;
  }
}
