import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import { currentContext } from './request-context.js';

/** Measures the handler alone, so that the log tells it apart from guards, parsing and sending. */
@Injectable()
export class TimingInterceptor implements NestInterceptor {
  intercept(_execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = currentContext();
    if (!context) return next.handle();
    const startedMs = context.elapsedMs;
    return next.handle().pipe(finalize(() => (context.handlerMs = context.elapsedMs - startedMs)));
  }
}
