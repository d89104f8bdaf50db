import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Problem } from '../../common/http/problem.js';
import type { ProblemObserver } from '../../edge/problem.filter.js';
import { RateLimitedException } from '../../throttling/rate-limited.exception.js';
import { AuditService } from '../audit/audit.service.js';

/** Keeps when an address is locked out from logins, once a window. Locked accounts are kept by AuthService, which knows whose they are. */
@Injectable()
export class LoginLimitAudit implements ProblemObserver {
  constructor(private readonly audit: AuditService) {}

  answered(_problem: Problem, _request: Request, thrown: unknown): void {
    if (!(thrown instanceof RateLimitedException) || thrown.limiter !== 'login' || !thrown.isFirst) return;
    void this.audit.record('login.limited', { details: { by: 'address' } });
  }
}
