import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** PEM texts: the private key, and the certificate with those that lead to its root. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

interface CertificateFiles {
  readonly sslKeyfile?: string;
  readonly sslCertfile?: string;
}

/** Reads and checks SSL_KEYFILE and SSL_CERTFILE. Files that can't be used are told as faults, without what they hold. */
export function readCertificate({ sslKeyfile, sslCertfile }: CertificateFiles): Certificate | { faults: string[] } {
  const faults: string[] = [];
  const read = (name: string, file = '') => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      faults.push(`${name} can't be read: ${(error as NodeJS.ErrnoException).code}`);
      return '';
    }
  };
  const key = read('SSL_KEYFILE', sslKeyfile);
  const cert = read('SSL_CERTFILE', sslCertfile);
  if (faults.length > 0) return { faults };
  const privateKey = attempt(() => createPrivateKey(key));
  const certificate = attempt(() => new X509Certificate(cert));
  if (!privateKey) faults.push('SSL_KEYFILE must hold a private key in PEM without a passphrase');
  if (!certificate) faults.push('SSL_CERTFILE must hold a certificate in PEM');
  if (privateKey && certificate && !certificate.checkPrivateKey(privateKey)) {
    faults.push('SSL_KEYFILE must hold the key of the certificate in SSL_CERTFILE');
  }
  return faults.length > 0 ? { faults } : { key, cert };
}

/** What keeps TLS from being served as the settings ask. */
export function certificateFaults(files: CertificateFiles, isHttp2: boolean): string[] {
  const { sslKeyfile, sslCertfile } = files;
  if (!sslKeyfile && !sslCertfile) return isHttp2 ? ['HTTP2 needs SSL_KEYFILE and SSL_CERTFILE'] : [];
  if (!sslKeyfile) return ['SSL_CERTFILE needs SSL_KEYFILE'];
  if (!sslCertfile) return ['SSL_KEYFILE needs SSL_CERTFILE'];
  const certificate = readCertificate(files);
  return 'faults' in certificate ? certificate.faults : [];
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
