import { HttpStatus, Injectable, NotFoundException } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter } from 'prom-client';
import { Cached } from '../../cache/cached.decorator.js';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { ProblemException, Unauthorized } from '../../common/http/problem.exception.js';
import { newId } from '../../common/new-id.js';
import { violatedConstraint } from '../../database/sqlstate.js';
import { AuditService } from '../audit/audit.service.js';
import { Identities, type Identity } from './identities.js';
import { comparable, uniqueEmail, uniqueUsername, type User } from './user.entity.js';
import { UserDto, type ManageUserDto, type UpdateProfileDto, type UsersPage, type UsersQuery } from './users.dto.js';
import { UsersRepository } from './users.repository.js';

interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly roles?: User['roles'];
}

@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly identities: Identities,
    private readonly audit: AuditService,
    @InjectMetric('user_registrations_total') private readonly registrations: Counter,
  ) {}

  /** @throws ProblemException 409 username_taken or email_taken */
  async create({ username, email, passwordHash, roles = ['user'] }: NewUser): Promise<User> {
    const user = this.users.create({
      id: newId(),
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

  /** For a quick refusal; the unique indexes decide. @throws ProblemException 409 username_taken or email_taken */
  async assertFree({ username, email }: Pick<NewUser, 'username' | 'email'>): Promise<void> {
    if (await this.users.existsBy({ usernameKey: comparable(username) })) throw taken('username');
    if (await this.users.existsBy({ emailKey: comparable(email) })) throw taken('email');
  }

  /** By username or e-mail address, without case. */
  findByLogin(login: string): Promise<User | null> {
    return this.users.findByLogin(login);
  }

  /** Who the user is and what they may, at most a second old; undefined when they are gone or disabled. */
  findIdentity(id: string): Promise<AuthenticatedUser | undefined> {
    return this.identities.find(id);
  }

  /** The same without asking the database; undefined when it has to be asked. */
  recallIdentity(id: string): Identity | undefined {
    return this.identities.recall(id);
  }

  /** @throws NotFoundException */
  async get(id: string): Promise<UserDto> {
    return UserDto.of(found(await this.users.findOneBy({ id })));
  }

  async list(query: UsersQuery): Promise<UsersPage> {
    const { rows, page } = await this.users.page(query);
    return { data: rows.map((user) => UserDto.of(user)), page };
  }

  /** @throws Unauthorized when the user has just been deleted */
  getProfile(id: string): Promise<UserDto> {
    return own(this.get(id));
  }

  /**
   * @throws ProblemException 409 username_taken or email_taken
   * @throws Unauthorized when the user has just been deleted
   */
  async updateProfile(id: string, { username, email }: UpdateProfileDto): Promise<UserDto> {
    if (username === undefined && email === undefined) return this.getProfile(id);
    const changes = {
      ...(username !== undefined && { username, usernameKey: comparable(username) }),
      ...(email !== undefined && (await this.newAddress(id, email))),
    };
    return own(this.change(id, id, changes));
  }

  /** Removes the user who asks for it, and all that is theirs. @throws Unauthorized when they have just been deleted */
  removeProfile(id: string): Promise<void> {
    return own(this.remove(id, id));
  }

  /** What an administrator changes of somebody. @throws NotFoundException */
  async manage(adminId: string, id: string, { roles, isActive }: ManageUserDto): Promise<UserDto> {
    if (roles === undefined && isActive === undefined) return this.get(id);
    return this.change(adminId, id, { ...(roles && { roles }), ...(isActive !== undefined && { isActive }) });
  }

  /** Removes the user and all that is theirs. @throws NotFoundException */
  async remove(actorId: string, id: string): Promise<void> {
    const { affected } = await this.users.delete({ id });
    this.identities.forget(id);
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
    this.identities.forget(id);
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
}

function found(user: User | null): User {
  if (!user) throw new NotFoundException();
  return user;
}

/** Until their token is refused everywhere, a user who is gone may still ask for their profile. */
async function own<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotFoundException) throw new Unauthorized('invalid_token', { tokenSent: true });
    throw error;
  }
}

function toTaken(error: unknown): never {
  const constraint = violatedConstraint(error);
  if (constraint === uniqueUsername) throw taken('username');
  if (constraint === uniqueEmail) throw taken('email');
  throw error;
}

function taken(field: 'username' | 'email'): ProblemException {
  return new ProblemException(HttpStatus.CONFLICT, `${field}_taken`, { detail: `This ${field} is taken.` });
}
