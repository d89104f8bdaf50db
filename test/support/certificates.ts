import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A suite that needs the program openssl. */
export function describeWithOpenssl(name: string, specs: () => void): void {
  if (hasOpenssl) {
    describe(name, specs);
    return;
  }
  // A pipeline that skips these silently would prove nothing.
  if (process.env.CI === 'true') throw new Error(`"${name}" needs openssl`);
  const line = '*'.repeat(80);
  process.stderr.write(`${line}\n*** SKIPPED for want of openssl: ${name}\n${line}\n`);
  describe.skip(name, specs);
}

/** Writes key.pem and cert.pem of a new certificate for localhost into the folder, which names its holder. */
export function writeCertificate(folder: string, holder: string): void {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', key, '-out', cert, '-subj', `/CN=${holder}`, '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', ...kind, ...files], { stdio: 'ignore' });
}
