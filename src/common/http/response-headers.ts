import type { ApiResponseOptions } from '@nestjs/swagger';

type Headers = NonNullable<ApiResponseOptions['headers']>;

/**
 * Response headers for the documentation of single operations: `@ApiOkResponse({ type: ItemDto, headers: etagHeader })`.
 * Those that every answer has (X-Request-ID, RateLimit, ...) are added by the docs module.
 */
export const etagHeader: Headers = {
  ETag: {
    description: 'Version of the resource (RFC 9110), for If-Match and If-None-Match.',
    required: true,
    schema: { type: 'string', example: '"1"' },
  },
};

export const locationHeader: Headers = {
  Location: {
    description: 'Path of the new resource.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
};
