import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AppConfig } from '../config/app-config.js';
import { isTls } from './tls.js';

/** Where the API and its documentation are, for the log of a start. */
export function addressesOf(app: NestExpressApplication, config: AppConfig): string {
  const base = baseUrl(config.socketPath ?? app.getHttpServer().address(), isTls(config) ? 'https' : 'http');
  return config.docsEnabled ? `${base}/api/v1, documentation at ${base}/docs` : `${base}/api/v1`;
}

function baseUrl(address: AddressInfo | string | null, scheme: string): string {
  if (address === null || typeof address === 'string') return `unix:${address}`;
  const isAny = address.address === '0.0.0.0' || address.address === '::';
  const host = isAny ? 'localhost' : address.address;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
