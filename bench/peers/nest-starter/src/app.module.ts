import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/auth.module.js';
import { HealthController } from './health/health.controller.js';
import { ItemsModule } from './items/items.module.js';

// Off unless a limit is set: its in-memory store would dominate every figure.
const throttleLimit = Number(process.env.THROTTLE_LIMIT ?? 0);

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
    LoggerModule.forRoot({ pinoHttp: { redact: ['req.headers.authorization'] } }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        type: 'postgres' as const,
        url: config.getOrThrow<string>('DATABASE_URL'),
        poolSize: Number(config.get('DATABASE_POOL_MAX', 10)),
        autoLoadEntities: true,
        synchronize: false,
      }),
    }),
    ThrottlerModule.forRoot([{ ttl: 60_000, limit: throttleLimit }]),
    AuthModule,
    ItemsModule,
  ],
  controllers: [HealthController],
  providers: throttleLimit > 0 ? [{ provide: APP_GUARD, useClass: ThrottlerGuard }] : [],
})
export class AppModule {}
