import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { createRedisClient, keyPrefixOf, REDIS_CLIENT } from './redis-client.js';
import { RedisService } from './redis.service.js';

/** The connection to Redis that cache, limits and health share; absent without REDIS_URL. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS_CLIENT,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        config.redisUrl === undefined ? undefined : createRedisClient(config.redisUrl, keyPrefixOf(config.appName)),
    },
    RedisService,
  ],
  exports: [RedisService],
})
export class RedisModule {}
