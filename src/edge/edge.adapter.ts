import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { NotFoundException } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { AppConfig } from '../config/app-config.js';
import { blockListOf } from '../config/cidr.js';
import { answerClientError, refuseTunnel } from './client-error.js';
import { messageClassesOf, type MessageClasses } from './edge-messages.js';
import { judgeFreshnessByEntityTag } from './fresh.js';
import { createHttpServer } from './http-server.js';
import { http2Handler } from './http2-express.js';
import { refuseOtherMethods } from './method-not-allowed.js';
import { isJsonReply, sendJson } from './json-reply.js';
import { MiddlewareChain } from './middleware-chain.js';
import { parseQuery } from './query-parser.js';
import { maxHeaderCount } from './request-limits.js';
import { RouteTable } from './route-table.js';

/** Whether a request may come in; if not, it has been answered. */
export type Gate = (request: IncomingMessage, response: ServerResponse) => boolean;

const tabledMethods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Express and its HTTP server, with every limit and timeout set on purpose. */
export class EdgeAdapter extends ExpressAdapter {
  private gate: Gate = () => true;
  private readonly messageClasses: MessageClasses;
  /** Serves HTTP/1. */
  private serveHttp1: (request: Request, response: Response) => void;
  private chain?: MiddlewareChain;
  private readonly serveHttp2: (request: Http2ServerRequest, response: Http2ServerResponse) => void;

  constructor(private readonly config: AppConfig) {
    const instance = express();
    // As URLs are compared elsewhere, so that no rule of a proxy is passed by in capitals. Nest makes the router at once.
    instance.enable('case sensitive routing');
    super(instance);
    instance.disable('x-powered-by');
    // Entity tags are versions that a handler sets; hashing each body would only cost.
    instance.disable('etag');
    instance.set('query parser', parseQuery);
    judgeFreshnessByEntityTag(instance);
    // Before the next line, which puts HTTP/1's own methods where Express has its prototypes.
    this.serveHttp2 = http2Handler(instance);
    this.messageClasses = messageClassesOf(instance, config.takes('headers'));
    this.serveHttp1 = instance;
    if (config.takes('routes')) this.tableRoutes();
    instance.set('trust proxy', trustOnly(config.trustedProxies, config.socketPath !== undefined));
  }

  override initHttpServer(): void {
    const server = createHttpServer(this.config, this.messageClasses, (request, response) => {
      this.serve(request, response);
    });
    // One more than is allowed lets the limit see the excess, which Node would drop without a word.
    server.maxHeadersCount = maxHeaderCount + 1;
    server.maxConnections = this.config.maxConnections;
    server.on('clientError', answerClientError);
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuseTunnel(socket));
    this.httpServer = server;
  }

  /** Sets what each request passes before Express sees it, which is where refusing it costs least. */
  admitBy(gate: Gate): void {
    this.gate = gate;
  }

  /** Errors stay what they are until the problem filter sees them; Nest would turn some into others. */
  override mapException(error: unknown): unknown {
    return error;
  }

  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    // The time was up, and the client has been told.
    if (response.writableEnded) return response;
    if (!this.config.takes('replies') || !isJsonReply(response, body)) {
      return super.reply(response, body, statusCode) as unknown;
    }
    if (statusCode !== undefined) response.statusCode = statusCode;
    sendJson(response, body);
    return response;
  }

  /** Middleware for every path becomes part of the chain, as long as it comes first. */
  override use(...middleware: unknown[]): unknown {
    return this.chain?.add(...middleware) ? undefined : (super.use as (...args: unknown[]) => unknown)(...middleware);
  }

  /** Who wants to be told of each request hooks into Express, which then has to see them all. */
  override setOnRequestHook(...hook: Parameters<ExpressAdapter['setOnRequestHook']>): void {
    super.setOnRequestHook(...hook);
    this.serveHttp1 = this.getInstance<Express>();
  }

  override setOnResponseHook(...hook: Parameters<ExpressAdapter['setOnResponseHook']>): void {
    super.setOnResponseHook(...hook);
    this.serveHttp1 = this.getInstance<Express>();
  }

  /**
   * Has middleware called, and routes looked up, before Express looks for them. It knows them all the same, as chain and table
   * leave much to it.
   */
  private tableRoutes(): void {
    const instance = this.getInstance<Express>();
    const chain = (this.chain = new MiddlewareChain(instance));
    instance.use(chain.handle);
    this.serveHttp1 = chain.serve;
    const table = new RouteTable();
    const { length } = instance.router.stack;
    const begin = () => {
      // Behind all middleware, which Nest has registered by now: on Express itself, when it is for some paths only.
      if (instance.router.stack.length > length) chain.close();
      this.use(table.handle);
      chain.close();
    };
    let isInUse = false;
    for (const method of tabledMethods) {
      const register = this[method].bind(this) as (...route: unknown[]) => unknown;
      this[method] = (path: unknown, handler?: RequestHandler) => {
        if (!isInUse) begin();
        isInUse = true;
        if (handler) table.add(method.toUpperCase(), path, handler);
        else table.close();
        return register(...(handler ? [path, handler] : [path]));
      };
    }
    const registerForAll = this.all.bind(this) as (...route: unknown[]) => unknown;
    this.all = (...route: unknown[]) => {
      table.close();
      return registerForAll(...route);
    };
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    if (!this.gate(request, response)) return;
    if (request.httpVersionMajor === 2) this.serveHttp2(request as never, response as never);
    else this.serveHttp1(request as Request, response as Response);
  }

  /** Takes the place of Nest's "Cannot GET /path", which repeats the path and knows no 405. */
  override setNotFoundHandler(): void {
    refuseOtherMethods(this.getInstance<Express>());
    this.use((_request: Request, _response: Response, next: NextFunction) => next(new NotFoundException()));
  }
}

/**
 * Believes X-Forwarded-For from these blocks only; a hop count would believe whoever connects. A peer on our Unix socket
 * has no address, and only a proxy of this host can be there.
 */
function trustOnly(blocks: readonly string[], isUnixSocket: boolean): false | ((address?: string) => boolean) {
  if (blocks.length === 0) return false;
  const trusted = blockListOf(blocks);
  return (address) => {
    if (address === undefined) return isUnixSocket;
    return isIP(address) > 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}
