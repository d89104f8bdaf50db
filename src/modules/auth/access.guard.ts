import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IdentifiedRequest, Role } from '../../common/auth/authenticated-user.js';
import { IS_PUBLIC } from '../../common/auth/public.decorator.js';
import { ROLES } from '../../common/auth/roles.decorator.js';
import { Unauthorized } from '../../common/http/problem.exception.js';
import { AuditService } from '../audit/audit.service.js';

/** Keeps strangers out of all but public routes, and users out of routes that ask for a role they lack. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditService,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets)) return true;
    const { user, hasInvalidToken } = execution.switchToHttp().getRequest<IdentifiedRequest>();
    if (!user)
      throw new Unauthorized(hasInvalidToken ? 'invalid_token' : 'unauthorized', { tokenSent: hasInvalidToken });
    const required = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES, targets);
    if (!required || required.some((role) => user.roles.includes(role))) return true;
    await this.audit.record('access.denied', {
      actorId: user.id,
      details: { handler: `${execution.getClass().name}.${execution.getHandler().name}` },
    });
    throw new ForbiddenException();
  }
}
