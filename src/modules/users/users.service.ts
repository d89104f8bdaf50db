import { HttpStatus, Injectable, NotFoundException } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { LRUCache } from 'lru-cache';
import { Counter } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { Cached } from '../../cache/cached.decorator.js';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { ProblemException } from '../../common/http/problem.exception.js';
import { violatedUnique } from '../../database/sqlstate.js';
import { AuditService } from '../audit/audit.service.js';
import { comparable, uniqueEmail, uniqueUsername, type User } from './user.entity.js';
import { UserDto, type ManageUserDto, type UpdateProfileDto, type UsersPage, type UsersQuery } from './users.dto.js';
import { UsersRepository } from './users.repository.js';

interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly roles?: User['roles'];
}

/** How long another instance may take to hear that a user was disabled or changed roles. */
const identityTtlMs = 1000;

@Injectable()
export class UsersService {
  private readonly identities = new LRUCache<string, AuthenticatedUser>({
    max: 10_000,
    ttl: identityTtlMs,
    fetchMethod: (id) => this.loadIdentity(id),
  });

  constructor(
    private readonly users: UsersRepository,
    private readonly audit: AuditService,
    @InjectMetric('user_registrations_total') private readonly registrations: Counter,
  ) {}

  /** @throws ProblemException 409 username_taken or email_taken */
  async create({ username, email, passwordHash, roles = ['user'] }: NewUser): Promise<User> {
    const user = this.users.create({
      id: uuidv7(),
      username,
      usernameKey: comparable(username),
      email,
      emailKey: comparable(email),
      passwordHash,
      roles,
    });
    await this.users.insert(user).catch(toTaken);
    this.registrations.inc();
    await this.audit.record('user.registered', { subjectId: user.id, details: { roles } });
    return user;
  }

  /** By username or e-mail address, without case. */
  findByLogin(login: string): Promise<User | null> {
    return this.users.findByLogin(login);
  }

  /** Who the user is and what they may, at most a second old; undefined when they are gone or disabled. */
  async findIdentity(id: string): Promise<AuthenticatedUser | undefined> {
    return this.identities.get(id) ?? this.identities.fetch(id);
  }

  /** @throws NotFoundException */
  async get(id: string): Promise<UserDto> {
    return UserDto.of(found(await this.users.findOneBy({ id })));
  }

  async list(query: UsersQuery): Promise<UsersPage> {
    const { rows, page } = await this.users.page(query);
    return { data: rows.map((user) => UserDto.of(user)), page };
  }

  /** @throws ProblemException 409 username_taken or email_taken */
  async updateProfile(id: string, { username, email }: UpdateProfileDto): Promise<UserDto> {
    if (username === undefined && email === undefined) return this.get(id);
    return this.change(id, id, {
      ...(username !== undefined && { username, usernameKey: comparable(username) }),
      ...(email !== undefined && (await this.newAddress(id, email))),
    });
  }

  /** What an administrator changes of somebody. @throws NotFoundException */
  async manage(adminId: string, id: string, { roles, isActive }: ManageUserDto): Promise<UserDto> {
    if (roles === undefined && isActive === undefined) return this.get(id);
    return this.change(adminId, id, { ...(roles && { roles }), ...(isActive !== undefined && { isActive }) });
  }

  /** Removes the user and all that is theirs. @throws NotFoundException */
  async remove(actorId: string, id: string): Promise<void> {
    const { affected } = await this.users.delete({ id });
    this.identities.delete(id);
    if (!affected) throw new NotFoundException();
    await this.audit.record('user.deleted', { actorId, subjectId: id });
  }

  /** Replaces a hash made with older parameters. */
  async upgradePasswordHash(user: User, passwordHash: string): Promise<void> {
    await this.users.update({ id: user.id, passwordHash: user.passwordHash }, { passwordHash });
  }

  /** Users that may sign in; counting them all on each scrape would cost, so the number may be a minute old. */
  @Cached({ ttlSeconds: 60 })
  countActive(): Promise<number> {
    return this.users.countActive();
  }

  private async change(actorId: string, id: string, changes: Partial<User>): Promise<UserDto> {
    const user = found(await this.users.change(id, changes).catch(toTaken));
    this.identities.delete(id);
    const { roles, isActive } = changes;
    await this.audit.record('user.updated', {
      actorId,
      subjectId: id,
      details: { fields: Object.keys(changes).filter((name) => !name.endsWith('Key')), roles, isActive },
    });
    return UserDto.of(user);
  }

  /** Writing the same address again, in another case too, does not make it unverified. */
  private async newAddress(id: string, email: string): Promise<Partial<User>> {
    const emailKey = comparable(email);
    const isSame = await this.users.existsBy({ id, emailKey });
    return { email, emailKey, ...(!isSame && { emailVerified: false }) };
  }

  private async loadIdentity(id: string): Promise<AuthenticatedUser | undefined> {
    const user = await this.users.findOne({
      where: { id, isActive: true },
      select: { id: true, username: true, roles: true },
    });
    return user ? { id: user.id, username: user.username, roles: user.roles } : undefined;
  }
}

function found(user: User | null): User {
  if (!user) throw new NotFoundException();
  return user;
}

function toTaken(error: unknown): never {
  const constraint = violatedUnique(error);
  if (constraint === uniqueUsername) throw taken('username');
  if (constraint === uniqueEmail) throw taken('email');
  throw error;
}

function taken(field: 'username' | 'email'): ProblemException {
  return new ProblemException(HttpStatus.CONFLICT, `${field}_taken`, { detail: `This ${field} is taken.` });
}
