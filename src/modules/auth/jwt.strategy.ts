import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { AppConfig } from '../../config/app-config.js';
import { UsersService } from '../users/users.service.js';
import { VerifiedTokens } from './verified-tokens.js';
import { clockToleranceSeconds, subjectOf, tokenAlgorithm, tokenKey, type VerifiedToken } from './access-token.js';

const fromHeader = ExtractJwt.fromAuthHeaderAsBearerToken();

/** The token of the Authorization header, unless its claims are null, over which jsonwebtoken stumbles. */
function bearerTokenOf(request: Request): string | null {
  const token = fromHeader(request);
  const claims = Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString();
  return claims.trim() === 'null' ? null : token;
}

/** Verifies the bearer token (RFC 6750) of a request and finds whom it stands for. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    config: AppConfig,
    private readonly users: UsersService,
    private readonly verified: VerifiedTokens,
  ) {
    super({
      jwtFromRequest: bearerTokenOf,
      secretOrKey: tokenKey(config) as unknown as string,
      passReqToCallback: true,
      algorithms: [tokenAlgorithm],
      issuer: config.tokenIssuer,
      audience: config.tokenAudience,
      jsonWebTokenOptions: { clockTolerance: clockToleranceSeconds, complete: true },
    });
  }

  /** @returns false, which passport takes for a refusal, unless the token is ours and its user may still sign in */
  async validate(request: Request, token: VerifiedToken): Promise<AuthenticatedUser | false> {
    const subject = subjectOf(token, Date.now() / 1000);
    if (!subject) return false;
    this.verified.remember(request.headers.authorization ?? '', { subject, exp: token.payload.exp ?? 0 });
    return (await this.users.findIdentity(subject)) ?? false;
  }
}
