import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

export interface AuthUser {
  id: string;
}

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(config: ConfigService) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.getOrThrow<string>('SECRET_KEY'),
      algorithms: ['HS256'],
      issuer: config.getOrThrow<string>('TOKEN_ISSUER'),
      audience: config.getOrThrow<string>('TOKEN_AUDIENCE'),
    });
  }

  validate(payload: { sub: string }): AuthUser {
    return { id: payload.sub };
  }
}
