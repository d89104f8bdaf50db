import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { AppConfig } from '../../config/app-config.js';
import { UsersRepository } from './users.repository.js';

/** Who somebody is, or that they are nobody: gone or disabled. */
export interface Identity {
  readonly user?: AuthenticatedUser;
}

interface KnownIdentity extends Identity {
  /** By the monotonic clock, in milliseconds: when the last statement that found it so began. */
  readAt: number;
  /** When a request last wanted it. */
  wantedAt: number;
}

/** How long another instance may take to hear that a user was disabled or changed roles. */
const maxAgeMs = 1000;
/** So often they are compared with the database, by one statement for all: before they are too old. */
const refreshEveryMs = 450;
/**
 * Who came within this time is likely to come again: a dozen comparisons cost what reading a user anew does, who then keeps
 * the request waiting.
 */
const keepMs = 5000;
/** So many are kept for that, besides those who came since the last comparison. */
const maxKept = 2000;
/** Users that one statement asks for. */
const maxBatch = 1000;

/** Who the callers are, never older than a second, and yet without a statement for each request. */
@Injectable()
export class Identities implements OnModuleInit, OnApplicationShutdown {
  private readonly known = new Map<string, KnownIdentity>();
  /** For each statement under way the users that changed meanwhile: what it read of them is not kept. */
  private readonly outdated = new Set<Set<string>>();
  private timer?: NodeJS.Timeout;
  private nextBatch?: { readonly ids: Set<string>; readonly read: Promise<ReadonlyMap<string, Identity>> };
  private isRefreshing = false;

  constructor(
    private readonly users: UsersRepository,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    if (this.config.takes('identities')) this.timer = setInterval(() => void this.refresh(), refreshEveryMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** What is known without asking the database; undefined when it has to be asked. */
  recall(id: string): Identity | undefined {
    const identity = this.known.get(id);
    const now = performance.now();
    if (!identity || now - identity.readAt > maxAgeMs) return undefined;
    identity.wantedAt = now;
    return identity;
  }

  /** The user and their roles, at most a second old; undefined when they are gone or disabled. */
  async find(id: string): Promise<AuthenticatedUser | undefined> {
    const identity = this.recall(id) ?? (await this.ask(id)).get(id);
    return identity?.user;
  }

  /** To be called when the user has changed. */
  forget(id: string): void {
    this.known.delete(id);
    for (const ids of this.outdated) ids.add(id);
  }

  /** Those who are asked for in the same turn of the event loop share a statement. */
  private ask(id: string): Promise<ReadonlyMap<string, Identity>> {
    if (!this.config.takes('identities')) return this.read([id]);
    if (!this.nextBatch || this.nextBatch.ids.size >= maxBatch) {
      const ids = new Set<string>();
      const turn = new Promise((resolve) => setImmediate(resolve));
      const read = turn.then(() => {
        if (this.nextBatch?.ids === ids) this.nextBatch = undefined;
        return this.read([...ids]);
      });
      this.nextBatch = { ids, read };
    }
    this.nextBatch.ids.add(id);
    return this.nextBatch.read;
  }

  private async refresh(): Promise<void> {
    if (this.isRefreshing) return;
    this.isRefreshing = true;
    try {
      const kept = this.sweep();
      for (let at = 0; at < kept.length; at += maxBatch) await this.renew(kept.slice(at, at + maxBatch));
    } catch {
      // Identities get too old; then each request asks by itself and fails by itself.
    } finally {
      this.isRefreshing = false;
    }
  }

  /** Drops what is too old. @returns the users who came since they were read, or came lately */
  private sweep(): KnownIdentity[] {
    const now = performance.now();
    const kept: KnownIdentity[] = [];
    let idle = 0;
    for (const [id, identity] of this.known) {
      const { user, readAt, wantedAt } = identity;
      const isKept = wantedAt > readAt || (now - wantedAt < keepMs && ++idle <= maxKept);
      if (user && isKept) kept.push(identity);
      else if (now - readAt > maxAgeMs) this.known.delete(id);
    }
    return kept;
  }

  /** Those who are as they were stay, which leaves nothing to collect; the others are asked for when they come again. */
  private async renew(identities: readonly KnownIdentity[]): Promise<void> {
    const readAt = performance.now();
    const outdated = new Set(await this.users.findOutdated(identities.flatMap(({ user }) => user ?? [])));
    for (const identity of identities) {
      if (!outdated.has(identity.user?.id ?? '')) identity.readAt = readAt;
    }
    for (const id of outdated) this.known.delete(id);
  }

  private async read(ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
    const readAt = performance.now();
    const changedMeanwhile = new Set<string>();
    this.outdated.add(changedMeanwhile);
    try {
      const active = new Map((await this.users.findActive(ids)).map((user) => [user.id, user]));
      const read = new Map(ids.map((id) => [id, { user: active.get(id), readAt, wantedAt: readAt }]));
      for (const [id, identity] of read) if (!changedMeanwhile.has(id)) this.known.set(id, identity);
      return read;
    } finally {
      this.outdated.delete(changedMeanwhile);
    }
  }
}
