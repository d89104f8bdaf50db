import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Opens a route to callers without a token; all others are private. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
