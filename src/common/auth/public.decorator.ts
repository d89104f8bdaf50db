import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Opens a route, or all of a controller, to callers without credentials. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
