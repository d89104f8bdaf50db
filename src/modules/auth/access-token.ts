import { createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AppConfig } from '../../config/app-config.js';

/** The only header and algorithm that a token may have (RFC 8725, section 3.1). */
export const tokenAlgorithm = 'HS256';
/** Seconds that clocks may differ. */
export const clockToleranceSeconds = 30;

/** Claims of an access token (RFC 7519, section 4.1). */
export interface AccessTokenClaims {
  readonly sub: string;
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly iss: string;
  readonly aud: string;
  readonly type: 'access';
}

/** A token as it arrived: verified by the signature, its claims not yet looked at. */
export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Partial<AccessTokenClaims>;
}

/** Signs access tokens. */
@Injectable()
export class AccessTokens {
  readonly expiresInSeconds: number;

  constructor(
    private readonly jwt: JwtService,
    config: AppConfig,
  ) {
    this.expiresInSeconds = config.accessTokenExpireMinutes * 60;
  }

  sign(userId: string): Promise<string> {
    return this.jwt.signAsync({ type: 'access' }, { subject: userId, jwtid: randomUUID() });
  }
}

/** The signing key, made once: jsonwebtoken would turn a string into one for each token. */
export function tokenKey(config: AppConfig): KeyObject {
  return createSecretKey(config.secretKey, 'utf8');
}

/**
 * The user that the token stands for, or undefined when header and claims are not just what we issue. What the signature
 * and the library check is not repeated.
 */
export function subjectOf({ header, payload }: VerifiedToken, nowSeconds: number): string | undefined {
  const { sub, exp, iat, jti, type } = payload;
  const isOurs =
    // Members such as jwk, jku, x5u, kid and crit ask for keys or rules that we do not know.
    Object.keys(header).every((name) => name === 'alg' || name === 'typ') &&
    type === 'access' &&
    typeof sub === 'string' &&
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sub) &&
    typeof jti === 'string' &&
    typeof exp === 'number' &&
    typeof iat === 'number' &&
    iat <= nowSeconds + clockToleranceSeconds;
  return isOurs ? sub : undefined;
}
