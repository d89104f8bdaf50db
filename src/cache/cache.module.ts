import { Global, Module } from '@nestjs/common';
import { RedisService } from '../redis/redis.service.js';
import { CACHE_STORE } from './cache-store.js';
import { cacheRequestsProvider } from './cache.metrics.js';
import { CacheService } from './cache.service.js';
import { MemoryCacheStore } from './memory-cache.store.js';
import { RedisCacheStore } from './redis-cache.store.js';

/** The cache: shared through Redis when it is configured, else of this process. */
@Global()
@Module({
  providers: [
    cacheRequestsProvider,
    {
      provide: CACHE_STORE,
      inject: [RedisService],
      useFactory: (redis: RedisService) => (redis.isConfigured ? new RedisCacheStore(redis) : new MemoryCacheStore()),
    },
    CacheService,
  ],
  exports: [CacheService],
})
export class CacheModule {}
