import { Injectable } from '@nestjs/common';
import { DataSource, Repository } from 'typeorm';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { CursorCodec } from '../../common/http/cursor.js';
import { selectMany } from '../../database/compiled-select.js';
import { execute } from '../../database/compiled-statement.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { updateReturning } from '../../database/update-returning.js';
import { comparable, User } from './user.entity.js';
import type { UsersQuery } from './users.dto.js';

@Injectable()
export class UsersRepository extends Repository<User> {
  constructor(
    dataSource: DataSource,
    private readonly codec: CursorCodec,
  ) {
    super(User, dataSource.createEntityManager());
  }

  /** By username or e-mail address; only an address has an @. */
  findByLogin(login: string): Promise<User | null> {
    const key = comparable(login);
    return this.findOneBy(key.includes('@') ? { emailKey: key } : { usernameKey: key });
  }

  /** Those of these users who may sign in, and no more of them than their requests need. */
  findActive(ids: readonly string[]): Promise<AuthenticatedUser[]> {
    return selectMany(
      this,
      'active',
      (query, user) =>
        query
          .select([`${user}.id`, `${user}.username`, `${user}.roles`])
          .where(`${user}.id = ANY(:ids) AND ${user}.isActive`),
      { ids },
      ids.length,
    );
  }

  /** The ids of those who are not, or no longer, as they are given here: changed, disabled or gone. */
  async findOutdated(users: readonly AuthenticatedUser[]): Promise<string[]> {
    const values = [
      users.map(({ id }) => id),
      users.map(({ username }) => username),
      users.map(({ roles }) => roles.join()),
    ];
    const rows = await execute(this, outdated, values);
    return rows.map(([id]) => id as string);
  }

  /** Changes the user in one statement. @returns the user as it is now, or null when there is none */
  change(id: string, changes: Partial<User>): Promise<User | null> {
    return updateReturning(this, { id }, changes);
  }

  countActive(): Promise<number> {
    return this.countBy({ isActive: true });
  }

  page(query: UsersQuery): Promise<KeysetPage<User>> {
    return keysetPage(this, { shape: 'all', build: () => undefined, values: {}, query, codec: this.codec });
  }
}

/** Tells nothing of those who are as they were, which nearly all are. */
const outdated = {
  text: `SELECT known.id FROM unnest($1::uuid[], $2::text[], $3::text[]) AS known (id, username, roles)
    WHERE NOT EXISTS (SELECT FROM users WHERE users.id = known.id AND users.is_active
      AND users.username = known.username AND array_to_string(users.roles, ',') = known.roles)`,
  isRead: true,
  columns: [],
};
