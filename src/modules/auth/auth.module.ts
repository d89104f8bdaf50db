import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AppConfig } from '../../config/app-config.js';
import { ThrottlingModule } from '../../throttling/throttling.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessTokens, tokenAlgorithm, tokenKey } from './access-token.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginLimitAudit } from './login-limit-audit.js';
import { PasswordHasher } from './password-hasher.js';
import { VerifiedTokens } from './verified-tokens.js';

@Module({
  imports: [
    UsersModule,
    AuditModule,
    ThrottlingModule,
    PassportModule.register({ session: false }),
    JwtModule.registerAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        secret: tokenKey(config),
        signOptions: {
          algorithm: tokenAlgorithm,
          issuer: config.tokenIssuer,
          audience: config.tokenAudience,
          expiresIn: config.accessTokenExpireMinutes * 60,
        },
      }),
    }),
  ],
  controllers: [AuthController],
  providers: [AuthService, AccessTokens, JwtStrategy, PasswordHasher, VerifiedTokens, LoginLimitAudit],
  exports: [PasswordHasher, VerifiedTokens, LoginLimitAudit],
})
export class AuthModule {}
