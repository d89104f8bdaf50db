import { Injectable, type ExecutionContext } from '@nestjs/common';
import { oncePerRoute } from '../route-metadata.js';
import { DirectInterceptor } from './direct-interceptor.js';
import { currentContext } from './request-context.js';

/** Ties the request id to the handler: log lines written from here on name both. */
@Injectable()
export class RequestIdInterceptor extends DirectInterceptor {
  private readonly nameOf = oncePerRoute((route) => `${route.getClass().name}.${route.getHandler().name}`);

  enter(execution: ExecutionContext): undefined {
    const context = currentContext();
    if (context) context.handler = this.nameOf(execution);
  }
}
