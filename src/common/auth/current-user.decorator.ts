import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { requestOf } from '../http/exchange.js';
import type { AuthenticatedUser, IdentifiedRequest } from './authenticated-user.js';

/** The signed-in user, as a handler's parameter. Only for private routes. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): AuthenticatedUser => {
  const { user } = requestOf<IdentifiedRequest>(context);
  if (!user) throw new Error('@CurrentUser() on a public route');
  return user;
});
