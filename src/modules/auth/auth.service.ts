import { Injectable } from '@nestjs/common';
import { Unauthorized } from '../../common/http/problem.exception.js';
import { LoginAttempts } from '../../throttling/login-attempts.service.js';
import { RateLimitedException } from '../../throttling/rate-limited.exception.js';
import { AuditService } from '../audit/audit.service.js';
import { comparable, type User } from '../users/user.entity.js';
import { UserDto } from '../users/users.dto.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './access-token.js';
import type { LoginDto, RegisterDto, TokenDto } from './auth.dto.js';
import { PasswordHasher } from './password-hasher.js';
import { Turns } from './turns.js';

@Injectable()
export class AuthService {
  private readonly turns = new Turns();

  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly tokens: AccessTokens,
    private readonly attempts: LoginAttempts,
    private readonly audit: AuditService,
  ) {}

  /**
   * Those who want the same name or address at once wait for the first, so that the others need no hash and a crowd of
   * them leaves the hasher to the rest.
   * @throws ProblemException 409 username_taken or email_taken
   */
  register({ username, email, password }: RegisterDto): Promise<UserDto> {
    const registration = async () => {
      await this.users.assertFree({ username, email });
      const passwordHash = await this.hasher.hash(password);
      return UserDto.of(await this.users.create({ username, email, passwordHash }));
    };
    return this.turns.take(`address ${comparable(email)}`, () =>
      this.turns.take(`name ${comparable(username)}`, registration),
    );
  }

  /**
   * Unknown, disabled and wrong password look and take the same.
   * @throws Unauthorized invalid_credentials
   * @throws RateLimitedException after too many attempts on the account
   */
  async login({ username, password }: LoginDto): Promise<TokenDto> {
    // Spaces come along when an address is pasted; no username has any.
    const login = username.trim();
    const found = await this.users.findByLogin(login);
    // One count for an account, whether it is called by name or by address.
    await this.countAttempt(found?.id ?? comparable(login), found);
    const isRight = found
      ? await this.hasher.verify(password, found.passwordHash)
      : await this.hasher.verifyNothing(password);
    if (!found || !isRight || !found.isActive) {
      await this.audit.record('login.failed', { subjectId: found?.id });
      throw new Unauthorized('invalid_credentials', { detail: 'Username or password is wrong.' });
    }
    if (this.hasher.isOutdated(found.passwordHash)) {
      await this.users.upgradePasswordHash(found, await this.hasher.hash(password));
    }
    await this.audit.record('login.succeeded', { actorId: found.id, subjectId: found.id });
    return this.issue(found);
  }

  private async issue(user: User): Promise<TokenDto> {
    const accessToken = await this.tokens.sign(user.id);
    return { accessToken, tokenType: 'Bearer', expiresIn: this.tokens.expiresInSeconds };
  }

  private async countAttempt(account: string, user: User | null): Promise<void> {
    try {
      await this.attempts.hit(account);
    } catch (error) {
      if (error instanceof RateLimitedException && error.isFirst) {
        await this.audit.record('login.limited', { subjectId: user?.id, details: { by: 'account' } });
      }
      throw error;
    }
  }
}
