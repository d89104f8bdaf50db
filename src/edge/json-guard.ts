import type { FieldFault } from '../common/http/problem.js';
import { poisonedKeys } from './poisoned-keys.js';
import { textFaultOf } from './text-fault.js';

const maxDepth = 32;

interface Frame {
  readonly value: object;
  readonly path: string;
  readonly depth: number;
}

/**
 * The first reason why a parsed body is refused before anybody looks at it: nesting, keys that reach for prototypes,
 * and texts that can't be stored. Walks without recursion, so that depth costs no stack.
 */
export function jsonFaultOf(body: unknown): FieldFault | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const stack: Frame[] = [{ value: body, path: '', depth: 1 }];
  for (let frame = stack.pop(); frame; frame = stack.pop()) {
    if (frame.depth > maxDepth) return fault('', 'too_deep', `must not nest deeper than ${maxDepth}`);
    for (const key of Object.keys(frame.value)) {
      const value = (frame.value as Record<string, unknown>)[key];
      if (poisonedKeys.has(key)) return fault(pathTo(frame, key), 'forbidden_key', 'must not be used as a key');
      const keyFault = textFaultOf(key);
      if (keyFault) return fault(frame.path, 'invalid_text', keyFault);
      const textFault = typeof value === 'string' ? textFaultOf(value) : undefined;
      if (textFault) return fault(pathTo(frame, key), 'invalid_text', textFault);
      if (typeof value !== 'object' || value === null) continue;
      stack.push({ value, path: pathTo(frame, key), depth: frame.depth + 1 });
    }
  }
  return undefined;
}

function pathTo({ path }: Frame, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function fault(field: string, code: string, message: string): FieldFault {
  return { field: field.slice(0, 100), code, message };
}
