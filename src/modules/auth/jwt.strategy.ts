import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { AppConfig } from '../../config/app-config.js';
import { UsersService } from '../users/users.service.js';
import { clockToleranceSeconds, subjectOf, tokenAlgorithm, tokenKey, type VerifiedToken } from './access-token.js';

/** Verifies the bearer token (RFC 6750) of a request and finds whom it stands for. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    config: AppConfig,
    private readonly users: UsersService,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: tokenKey(config) as unknown as string,
      algorithms: [tokenAlgorithm],
      issuer: config.tokenIssuer,
      audience: config.tokenAudience,
      jsonWebTokenOptions: { clockTolerance: clockToleranceSeconds, complete: true },
    });
  }

  /** @returns false, which passport takes for a refusal, unless the token is ours and its user may still sign in */
  async validate(token: VerifiedToken): Promise<AuthenticatedUser | false> {
    const subject = subjectOf(token, Date.now() / 1000);
    return (subject && (await this.users.findIdentity(subject))) || false;
  }
}
