import { hash, timingSafeEqual } from 'node:crypto';
import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../config/app-config.js';
import { requestOf } from '../http/exchange.js';
import { Unauthorized } from '../http/problem.exception.js';

/** Opens what only operators may see: to all outside of production, else to OPERATOR_TOKEN; without one it is not there. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(execution: ExecutionContext): boolean {
    if (this.config.isOperatorOpen) return true;
    const { operatorToken } = this.config;
    if (operatorToken === undefined) throw new NotFoundException();
    const sent = requestOf<Request>(execution).headers.authorization;
    if (sent && isSame(sent, `Bearer ${operatorToken}`)) return true;
    throw new Unauthorized('unauthorized', { tokenSent: sent !== undefined });
  }
}

/** Compares hashes, which have one length, in a time that tells nothing. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
