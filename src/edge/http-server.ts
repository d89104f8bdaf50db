import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { readCertificate } from '../config/certificate.js';
import type { AppConfig } from '../config/app-config.js';
import { isTls, tlsOptions } from '../runtime/tls.js';
import type { MessageClasses } from './edge-messages.js';
import { maxHeaderCount, maxParsedHeaderBytes } from './request-limits.js';

/** The server that the settings ask for: HTTP, HTTPS, or HTTPS that speaks HTTP/2 to those who do. */
export function createHttpServer(config: AppConfig, classes: MessageClasses, listener: RequestListener): Server {
  const limits = {
    maxHeaderSize: maxParsedHeaderBytes,
    // The last resort: whoever sends a body slowly is answered by InFlight before, and told of in the log as what it is.
    requestTimeout: config.requestTimeout * 1000 + 1000,
    headersTimeout: Math.min(10, config.requestTimeout) * 1000,
    keepAliveTimeout: config.keepAliveTimeout * 1000,
    connectionsCheckingInterval: 1000,
    // Node would answer these by itself, without the headers and the body that every answer has.
    requireHostHeader: false,
    // A request without a body needs no stream that comes to an end; it is there as one that has ended.
    optimizeEmptyRequests: true,
  };
  if (!isTls(config)) return createServer({ ...limits, ...classes }, listener);
  const certificate = readCertificate(config);
  if ('faults' in certificate) throw new Error(certificate.faults.join('; '), { cause: certificate });
  const secure = { ...limits, ...tlsOptions, ...certificate };
  if (!config.http2) return createTlsServer({ ...secure, ...classes }, listener);
  // Both kinds of requests come to the same listener, which tells them apart by their version.
  return createSecureServer(
    {
      ...secure,
      allowHTTP1: true,
      http1Options: classes,
      // One more than is allowed, and the four pseudo-headers: the limit itself answers 431.
      maxHeaderListPairs: maxHeaderCount + 5,
      settings: { maxConcurrentStreams: 100, maxHeaderListSize: maxParsedHeaderBytes },
    },
    listener as never,
  ) as unknown as Server;
}
