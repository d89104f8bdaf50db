import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../config/app-config.js';
import { clockToleranceSeconds } from './access-token.js';

interface VerifiedToken {
  readonly subject: string;
  /** Seconds since the epoch. */
  readonly exp: number;
}

/**
 * Authorization headers that passport has verified, so that a client's next requests cost no signature check. Only what
 * never changes is kept: expiry is looked at again on every hit, and whether the user may still come in is asked elsewhere.
 */
@Injectable()
export class VerifiedTokens {
  private readonly tokens = new LRUCache<string, VerifiedToken>({ max: 10_000 });

  constructor(private readonly config: AppConfig) {}

  remember(authorization: string, token: VerifiedToken): void {
    if (this.config.takes('tokens')) this.tokens.set(authorization, token);
  }

  /** @returns the user's id, or undefined when the header is unknown or its token has expired */
  subjectOf(authorization: string): string | undefined {
    const token = this.tokens.get(authorization);
    if (!token) return undefined;
    return token.exp + clockToleranceSeconds > Date.now() / 1000 ? token.subject : undefined;
  }
}
