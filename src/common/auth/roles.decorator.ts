import { SetMetadata } from '@nestjs/common';
import type { Role } from './authenticated-user.js';

export const ROLES = 'roles';

/** Lets only callers in who have one of these roles. */
export const Roles = (...roles: Role[]) => SetMetadata(ROLES, roles);
