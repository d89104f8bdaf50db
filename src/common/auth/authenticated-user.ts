import type { Request } from 'express';

export const roles = ['user', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who sends the request, as the token and the database have it. */
export interface AuthenticatedUser {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly Role[];
}

/** A request after the identify guard; `user` is unset for strangers. */
export interface IdentifiedRequest extends Request {
  user?: AuthenticatedUser;
  /** Whether an Authorization header came along that did not identify anybody. */
  hasInvalidToken?: boolean;
}
