import type { IncomingHttpHeaders } from 'node:http';

/** Headers that every answer has, whatever its status (requirements R2.2 and R3.3). */
const fixedHeaders: Readonly<Record<string, RegExp>> = {
  'x-request-id': /^[A-Za-z0-9._-]{1,64}$/,
  'x-process-time': /^\d+\.\d+$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'x-xss-protection': /^0$/,
  'strict-transport-security': /^max-age=31536000; includeSubDomains$/,
  'content-security-policy': /^default-src 'self'(;|$)/,
  'referrer-policy': /^strict-origin-when-cross-origin$/,
  'permissions-policy': /^geolocation=\(\), microphone=\(\), camera=\(\)$/,
};

/** What is wrong with the headers that do not depend on the route. */
export function fixedHeaderFaults({ headers }: { headers: IncomingHttpHeaders }, isUserData: boolean): string[] {
  const faults = Object.entries(fixedHeaders)
    .filter(([name, pattern]) => headers[name] === undefined || !pattern.test(String(headers[name])))
    .map(([name]) => `header ${name} is ${headers[name] === undefined ? 'absent' : JSON.stringify(headers[name])}`);
  if (headers['x-powered-by'] !== undefined) faults.push('tells X-Powered-By');
  if (isUserData && headers['cache-control'] !== 'no-store') faults.push('user data without Cache-Control: no-store');
  return faults;
}
