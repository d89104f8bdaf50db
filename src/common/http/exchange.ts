import type { ArgumentsHost } from '@nestjs/common';

// By place, as Nest hands them over: each switchToHttp() makes three functions, and several guards ask in each request.

/** The HTTP request that is being served. */
export function requestOf<T>(host: ArgumentsHost): T {
  return host.getArgByIndex<T>(0);
}

/** The response to it. */
export function responseOf<T>(host: ArgumentsHost): T {
  return host.getArgByIndex<T>(1);
}
