import { ValidationFailed } from '../common/http/problem.exception.js';
import { poisonedKeys } from './poisoned-keys.js';
import { textFaultOf } from './text-fault.js';

const encoded = /[%+]/;

/**
 * Reads a query string. Unlike Express' own parsers it refuses what it can't read instead of guessing.
 * @throws ValidationFailed for malformed percent-encoding, invalid UTF-8, text that can't be stored, repeated keys
 * and keys that reach for prototypes
 */
export function parseQuery(query: string | null | undefined): Record<string, string> {
  const values: Record<string, string> = {};
  if (!query) return values;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = decode(at === -1 ? pair : pair.slice(0, at));
    const value = decode(at === -1 ? '' : pair.slice(at + 1));
    if (poisonedKeys.has(key)) throw refused(key, 'forbidden_key', 'must not be used as a key');
    if (Object.hasOwn(values, key)) throw refused(key, 'repeated', 'must be given once');
    const fault = textFaultOf(value) ?? textFaultOf(key);
    if (fault) throw refused(fault === textFaultOf(key) ? '' : key, 'invalid_text', fault);
    values[key] = value;
  }
  return values;
}

function decode(text: string): string {
  if (!encoded.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refused('', 'invalid_encoding', 'must be percent-encoded UTF-8');
  }
}

function refused(field: string, code: string, message: string): ValidationFailed {
  return new ValidationFailed([{ field: field.slice(0, 100), code, message }]);
}
