import type { Problem } from './api.js';
import type { Answer, SentRequest } from './client.js';

const members = ['type', 'title', 'detail', 'instance', 'code', 'requestId'] as const;

/** What only the server may know: stacks, paths, SQL, names of tables, constraints and drivers. */
const innards =
  /node_modules|\bat \S+ \(|file:\/\/|\.(js|ts):\d+|\b(SELECT|INSERT|UPDATE|DELETE) .*\b(FROM|INTO|SET)\b|duplicate key|violates|QueryFailed|typeorm|postgres|ECONN|\b(users|items|audit_events)_\w+|_pkey|_fkey|\bredis\b/i;

/** What is wrong with an error answer (RFC 9457 and the product's own members). */
export function problemFaults(sent: SentRequest, { status, headers, body, text }: Answer): string[] {
  if (!/^application\/problem\+json\b/.test(headers['content-type'] ?? '')) {
    return [`an error of content type ${headers['content-type']}`];
  }
  const faults = members.filter((name) => typeof body[name] !== 'string').map((name) => `problem without ${name}`);
  if (body.status !== status) faults.push(`problem says status ${body.status}`);
  if (!/^[a-z][a-z0-9_]*$/.test(body.code)) faults.push('code is not snake_case');
  if (body.requestId !== headers['x-request-id']) faults.push('requestId is not X-Request-ID');
  if (body.instance !== `urn:request:${body.requestId}`) faults.push('instance is not urn:request:<requestId>');
  return [...faults, ...errorsFaults(body), ...statusFaults(status, headers), ...leaks(sent, body, text)];
}

function errorsFaults({ code, errors }: Problem): string[] {
  if (errors === undefined) return code === 'validation_failed' ? ['validation_failed without errors'] : [];
  if (!Array.isArray(errors) || errors.length === 0) return ['errors is not a list with entries'];
  return errors
    .filter(({ field, code: rule, message }) => [field, rule, message].some((part) => typeof part !== 'string'))
    .map((error) => `bad entry in errors: ${JSON.stringify(error)}`);
}

/** Headers that belong to a status. */
function statusFaults(status: number, headers: Answer['headers']): string[] {
  const required: Record<number, string[]> = {
    401: ['www-authenticate'],
    405: ['allow'],
    429: ['retry-after', 'ratelimit', 'ratelimit-policy'],
    503: ['retry-after'],
  };
  return (required[status] ?? [])
    .filter((name) => headers[name] === undefined)
    .map((name) => `${status} without ${name}`);
}

function leaks({ path }: SentRequest, { title, detail }: Problem, text: string): string[] {
  const innard = innards.exec(text);
  const [pathname = '', search = ''] = path.split('?');
  const values = [...new URLSearchParams(search).values()].filter((value) => value.length >= 4);
  const words = `${title} ${detail}`;
  const echoed = [pathname, ...values].find((part) => part.length > 3 && words.includes(part));
  return [
    ...(innard ? [`tells of the inside: "${innard[0]}"`] : []),
    ...(echoed === undefined ? [] : [`repeats the input: "${echoed}"`]),
  ];
}
