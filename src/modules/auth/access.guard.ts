import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthenticatedUser, IdentifiedRequest, Role } from '../../common/auth/authenticated-user.js';
import { IS_PUBLIC } from '../../common/auth/public.decorator.js';
import { ROLES } from '../../common/auth/roles.decorator.js';
import { requestOf } from '../../common/http/exchange.js';
import { Unauthorized } from '../../common/http/problem.exception.js';
import { oncePerRoute } from '../../common/route-metadata.js';
import { AuditService } from '../audit/audit.service.js';

/** Keeps strangers out of all but public routes, and users out of routes that ask for a role they lack. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly accessOf = oncePerRoute((route) => {
    const targets = [route.getHandler(), route.getClass()];
    return {
      isPublic: this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets),
      roles: this.reflector.getAllAndOverride<Role[] | undefined>(ROLES, targets),
    };
  });

  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditService,
  ) {}

  canActivate(execution: ExecutionContext): true | Promise<never> {
    const { isPublic, roles } = this.accessOf(execution);
    if (isPublic) return true;
    const { user, hasInvalidToken } = requestOf<IdentifiedRequest>(execution);
    if (!user)
      throw new Unauthorized(hasInvalidToken ? 'invalid_token' : 'unauthorized', { tokenSent: hasInvalidToken });
    if (!roles || roles.some((role) => user.roles.includes(role))) return true;
    return this.deny(user, execution);
  }

  private async deny(user: AuthenticatedUser, execution: ExecutionContext): Promise<never> {
    await this.audit.record('access.denied', {
      actorId: user.id,
      details: { handler: `${execution.getClass().name}.${execution.getHandler().name}` },
    });
    throw new ForbiddenException();
  }
}
