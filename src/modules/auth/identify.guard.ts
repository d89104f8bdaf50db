import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser, IdentifiedRequest } from '../../common/auth/authenticated-user.js';
import { IS_PUBLIC } from '../../common/auth/public.decorator.js';
import { currentContext } from '../../common/context/request-context.js';
import { requestOf } from '../../common/http/exchange.js';
import { oncePerRoute } from '../../common/route-metadata.js';
import { SKIP_RATE_LIMIT } from '../../throttling/rate-limit.decorators.js';
import { UsersService } from '../users/users.service.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Finds out who sends the request and refuses nobody: strangers and bad tokens are counted by the limiter first. */
@Injectable()
export class IdentifyGuard extends AuthGuard('jwt') {
  /** Probes, for example: the same for all and without limit, they must not wait for a database that is away. */
  private readonly isForAnybody = oncePerRoute((route) => {
    const targets = [route.getHandler(), route.getClass()];
    return [IS_PUBLIC, SKIP_RATE_LIMIT].every((key) => this.reflector.getAllAndOverride<boolean>(key, targets));
  });

  constructor(
    private readonly users: UsersService,
    private readonly verified: VerifiedTokens,
    private readonly reflector: Reflector,
  ) {
    super();
  }

  /** Answers at once where it can: a promise that nobody needs would cost each request a few turns. */
  override canActivate(execution: ExecutionContext): true | Promise<true> {
    const request = requestOf<IdentifiedRequest>(execution);
    const { authorization } = request.headers;
    if (authorization === undefined || this.isForAnybody(execution)) return true;
    const subject = this.verified.subjectOf(authorization);
    const identity = subject === undefined ? undefined : this.users.recallIdentity(subject);
    return identity ? identify(request, identity.user) : this.ask(execution, request, subject);
  }

  override handleRequest<T>(error: Error | null, user: AuthenticatedUser | false): T {
    // A refusal by passport is no error; a database that is away is.
    if (error) throw error;
    return (user || undefined) as T;
  }

  private async ask(execution: ExecutionContext, request: IdentifiedRequest, subject?: string): Promise<true> {
    if (subject !== undefined) return identify(request, await this.users.findIdentity(subject));
    await super.canActivate(execution);
    return identify(request, request.user);
  }
}

function identify(request: IdentifiedRequest, user: AuthenticatedUser | undefined): true {
  request.user = user;
  request.hasInvalidToken = user === undefined;
  const context = currentContext();
  if (context) context.userId = user?.id;
  return true;
}
