import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { UsersRepository } from './users.repository.js';

/** Who somebody is, or that they are nobody: gone or disabled. */
interface Identity {
  readonly user?: AuthenticatedUser;
}

/** How long another instance may take to hear that a user was disabled or changed roles. */
const ttlMs = 1000;

/** Who the callers are, kept for a second, so that not every request asks the database. */
@Injectable()
export class Identities {
  private readonly identities = new LRUCache<string, Identity>({
    max: 10_000,
    ttl: ttlMs,
    fetchMethod: (id) => this.load(id),
    // A request that is under way when its user changes is served as what it was, and what it has loaded is not kept.
    ignoreFetchAbort: true,
  });

  constructor(private readonly users: UsersRepository) {}

  /** The user and their roles, at most a second old; undefined when they are gone or disabled. */
  async find(id: string): Promise<AuthenticatedUser | undefined> {
    const identity = this.identities.get(id) ?? (await this.identities.fetch(id));
    return identity?.user;
  }

  /** To be called when the user has changed. */
  forget(id: string): void {
    this.identities.delete(id);
  }

  private async load(id: string): Promise<Identity> {
    const user = await this.users.findOne({
      where: { id, isActive: true },
      select: { id: true, username: true, roles: true },
    });
    return user ? { user: { id: user.id, username: user.username, roles: user.roles } } : {};
  }
}
