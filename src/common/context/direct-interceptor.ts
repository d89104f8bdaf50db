import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';

/** Called when the handler is done, whether it answered or threw. */
export type Leave = () => void;

/**
 * An interceptor that only watches: it does something before the handler and something after, and leaves the answer as it
 * is. It is an ordinary Nest interceptor, which may also be called without rxjs; see direct-interceptors.ts.
 */
export abstract class DirectInterceptor implements NestInterceptor {
  /** Does what is to be done before the handler. @returns what is to be done after it, if anything */
  abstract enter(execution: ExecutionContext): Leave | undefined;

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const leave = this.enter(execution);
    return leave ? next.handle().pipe(finalize(leave)) : next.handle();
  }
}
