import { createHmac } from 'node:crypto';

interface TokenParts {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
}

/** Header and claims of a token (RFC 7519), unverified. */
export function decodeToken(token: string): TokenParts {
  const [header = '', claims = ''] = token.split('.');
  return { header: fromBase64Url(header), claims: fromBase64Url(claims) };
}

/** A token with exactly these parts, signed with the key; without a key the signature is empty. */
export function forgeToken({ header, claims }: TokenParts, key?: string, digest = 'sha256'): string {
  const signed = `${toBase64Url(header)}.${toBase64Url(claims)}`;
  const signature = key === undefined ? '' : createHmac(digest, key).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

function toBase64Url(part: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function fromBase64Url(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
