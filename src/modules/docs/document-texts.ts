/** What each part of the API is for, in the order of the documentation. Other tags follow by name. */
export const tagDescriptions: Readonly<Record<string, string>> = {
  Auth: 'Register, sign in and out.',
  Users: 'The own profile; for administrators, all accounts.',
  Items: "A user's own items: paged lists, conditional changes, soft deletion.",
  Audit: 'Who did what, from where and when. For administrators.',
  Health: 'For load balancers, orchestrators and operators.',
  Metrics: 'For Prometheus.',
};

/** The introduction, in CommonMark. */
export const introduction = `
JSON in and out, camelCase, times in UTC (ISO 8601), ids are UUIDs, money is a decimal string.

**Signing in.** Send the access token of a login as \`Authorization: Bearer <token>\`. What belongs to another user is 404.

**Errors** are \`application/problem+json\` (RFC 9457): \`code\` is for programs, \`errors\` lists every fault at once,
\`requestId\` is what support needs. Any route may also answer 405 for another method, 414 and 431 for an oversized URL or headers.

**Lists** answer \`{ "data": [...], "page": { "limit", "nextCursor" } }\`; hand \`nextCursor\` back as \`cursor\` until it is null.

**Changes** to a versioned resource need its ETag in \`If-Match\`: 428 without, 412 when someone else was faster.

**Limits** are told by \`RateLimit\` and \`RateLimit-Policy\`; over them is 429 with \`Retry-After\`.
`.trim();
