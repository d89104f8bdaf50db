import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser, IdentifiedRequest } from '../../common/auth/authenticated-user.js';
import { currentContext } from '../../common/context/request-context.js';
import { UsersService } from '../users/users.service.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Finds out who sends the request and refuses nobody: strangers and bad tokens are counted by the limiter first. */
@Injectable()
export class IdentifyGuard extends AuthGuard('jwt') {
  constructor(
    private readonly users: UsersService,
    private readonly verified: VerifiedTokens,
  ) {
    super();
  }

  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<IdentifiedRequest>();
    const { authorization } = request.headers;
    if (authorization === undefined) return true;
    const subject = this.verified.subjectOf(authorization);
    if (subject === undefined) await super.canActivate(execution);
    else request.user = await this.users.findIdentity(subject);
    request.hasInvalidToken = request.user === undefined;
    const context = currentContext();
    if (context) context.userId = request.user?.id;
    return true;
  }

  override handleRequest<T>(error: Error | null, user: AuthenticatedUser | false): T {
    // A refusal by passport is no error; a database that is away is.
    if (error) throw error;
    return (user || undefined) as T;
  }
}
