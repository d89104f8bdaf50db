import { Injectable } from '@nestjs/common';
import { DirectInterceptor, type Leave } from './direct-interceptor.js';
import { currentContext } from './request-context.js';

/** Measures the handler alone, so that the log tells it apart from guards, parsing and sending. */
@Injectable()
export class TimingInterceptor extends DirectInterceptor {
  enter(): Leave | undefined {
    const context = currentContext();
    if (!context) return undefined;
    const startedMs = context.elapsedMs;
    return () => (context.handlerMs = context.elapsedMs - startedMs);
  }
}
