import { hash } from '@node-rs/argon2';
import { v7 as uuidv7 } from 'uuid';
import type { Token, User } from '../support/api.js';
import type { TestApp } from '../support/app.js';

/** Satisfies both password policies. */
export const password = 'Quiet-Harbour-47-Lantern';

// As the product hashes today, else the first login would replace it; made once, because it costs.
let passwordHash: Promise<string> | undefined;
let count = 0;

/** A valid registration that nobody has sent yet. */
export function newRegistration(overrides: Partial<Registration> = {}): Registration {
  const username = `user_${++count}_${process.pid}`;
  return { username, email: `${username}@example.com`, password, ...overrides };
}

export interface Registration {
  username: string;
  email: string;
  password: string;
}

export interface UserOverrides {
  username?: string;
  email?: string;
  roles?: ('user' | 'admin')[];
  isActive?: boolean;
  passwordHash?: string;
}

/** Puts a user into the database whose password is `password`. */
export async function createUser(app: TestApp, overrides: UserOverrides = {}): Promise<User> {
  const { username, email } = newRegistration(overrides);
  const { roles = ['user'], isActive = true } = overrides;
  passwordHash ??= hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const [row] = await app.sql<Omit<User, 'createdAt' | 'updatedAt'> & { createdAt: Date; updatedAt: Date }>(
    `INSERT INTO users (id, username, username_key, email, email_key, password_hash, roles, is_active)
     VALUES ($1, $2, lower($2), $3, lower($3), $4, $5, $6)
     RETURNING id, username, email, email_verified AS "emailVerified", roles, is_active AS "isActive",
       created_at AS "createdAt", updated_at AS "updatedAt"`,
    [uuidv7(), username, email, overrides.passwordHash ?? (await passwordHash), roles, isActive],
  );
  if (!row) throw new Error('The user was not inserted');
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}

export interface SignedInUser {
  readonly user: User;
  readonly token: string;
  readonly password: string;
}

/** A user with an access token of a real login. */
export async function signedInUser(app: TestApp, overrides: UserOverrides = {}): Promise<SignedInUser> {
  const user = await createUser(app, overrides);
  return { user, token: await signIn(app, user.username), password };
}

/** A signed-in administrator. */
export function signedInAdmin(app: TestApp): Promise<SignedInUser> {
  return signedInUser(app, { roles: ['user', 'admin'] });
}

/** Logs in with `password` and answers the access token. */
export async function signIn(app: TestApp, username: string): Promise<string> {
  const { status, body, text } = await app.client.post<Token>('/api/v1/auth/login', { username, password });
  if (status !== 200) throw new Error(`The login of ${username} failed: ${text}`);
  return body.accessToken;
}
