import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:tls';
import { Logger } from '@nestjs/common';
import { readCertificate } from '../config/certificate.js';
import type { AppConfig } from '../config/app-config.js';

const logger = new Logger('Tls');

/** What a TLS server is made with, apart from its certificate. */
export const tlsOptions = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const;

export function isTls(config: AppConfig): boolean {
  return config.sslKeyfile !== undefined;
}

/**
 * Reads the certificate anew: connections that begin later get it, those that are open keep the one they have.
 * Files that can't be used are logged, and the certificate before them stays. Call it on SIGHUP.
 */
export function reloadCertificates(server: Server, config: AppConfig): void {
  const certificate = readCertificate(config);
  if ('faults' in certificate) {
    logger.error({ event: 'certificate_kept', msg: `The old certificate stays: ${certificate.faults.join('; ')}` });
    return;
  }
  server.setSecureContext({ ...certificate, minVersion: tlsOptions.minVersion });
  const { validTo } = new X509Certificate(certificate.cert);
  logger.log({ event: 'certificate_loaded', msg: `The certificate was read anew; it is valid to ${validTo}` });
}
