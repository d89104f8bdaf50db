import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser, IdentifiedRequest } from '../../common/auth/authenticated-user.js';
import { currentContext } from '../../common/context/request-context.js';

/** Finds out who sends the request and refuses nobody: strangers and bad tokens are counted by the limiter first. */
@Injectable()
export class IdentifyGuard extends AuthGuard('jwt') {
  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<IdentifiedRequest>();
    if (request.headers.authorization === undefined) return true;
    await super.canActivate(execution);
    const context = currentContext();
    if (context && request.user) context.userId = request.user.id;
    return true;
  }

  override handleRequest<T>(
    error: Error | null,
    user: AuthenticatedUser | false,
    _info: unknown,
    execution: ExecutionContext,
  ): T {
    // A refusal by passport is no error; a database that is away is.
    if (error) throw error;
    const request = execution.switchToHttp().getRequest<IdentifiedRequest>();
    if (!user) request.hasInvalidToken = true;
    return (user || undefined) as T;
  }
}
