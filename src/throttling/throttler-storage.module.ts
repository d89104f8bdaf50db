import { Module } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { RedisService } from '../redis/redis.service.js';
import { MemoryThrottlerStorage } from './memory-throttler.storage.js';
import { RedisThrottlerStorage } from './redis-throttler.storage.js';
import { ResilientThrottlerStorage } from './resilient-throttler.storage.js';
import { FALLBACKS_METRIC, fallbacksProvider } from './throttling.metrics.js';

export const THROTTLER_STORAGE = Symbol('THROTTLER_STORAGE');

/** Where hits are counted: in Redis when it is configured, else in this process. */
@Module({
  providers: [
    fallbacksProvider,
    {
      provide: THROTTLER_STORAGE,
      inject: [RedisService, getToken(FALLBACKS_METRIC)],
      useFactory: (redis: RedisService, fallbacks: Counter) => {
        const memory = new MemoryThrottlerStorage();
        if (!redis.isConfigured) return memory;
        return new ResilientThrottlerStorage(redis, new RedisThrottlerStorage(redis), memory, fallbacks);
      },
    },
  ],
  exports: [THROTTLER_STORAGE],
})
export class ThrottlerStorageModule {}
