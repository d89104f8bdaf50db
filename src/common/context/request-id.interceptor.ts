import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { currentContext } from './request-context.js';

/** Ties the request id to the handler: log lines written from here on name both. */
@Injectable()
export class RequestIdInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = currentContext();
    if (context) context.handler = `${execution.getClass().name}.${execution.getHandler().name}`;
    return next.handle();
  }
}
