export interface LimitState {
  readonly limiter: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10. */
export function rateLimitHeaders({ limiter, limit, windowSeconds, remaining, resetSeconds }: LimitState) {
  return {
    'RateLimit-Policy': `"${limiter}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${limiter}";r=${remaining};t=${resetSeconds}`,
  };
}
