import { Module } from '@nestjs/common';
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler';
import { AppConfig } from '../config/app-config.js';
import { LoginAttempts } from './login-attempts.service.js';
import { THROTTLER_STORAGE, ThrottlerStorageModule } from './throttler-storage.module.js';
import { throttlersOf } from './throttlers.js';
import { rejectionsProvider } from './throttling.metrics.js';

/** The limits of R3.4. RateLimitGuard itself is registered in app.module.ts, in its place among the global guards. */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      imports: [ThrottlerStorageModule],
      inject: [AppConfig, THROTTLER_STORAGE],
      useFactory: (config: AppConfig, storage: ThrottlerStorage) => ({ throttlers: throttlersOf(config), storage }),
    }),
  ],
  providers: [LoginAttempts, rejectionsProvider],
  exports: [LoginAttempts, rejectionsProvider],
})
export class ThrottlingModule {}
