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
    for (const [key, value] of Object.entries(frame.value) as [string, unknown][]) {
      const path = frame.path === '' ? key : `${frame.path}.${key}`;
      if (poisonedKeys.has(key)) return fault(path, 'forbidden_key', 'must not be used as a key');
      const textFault = textFaultOf(key) ?? (typeof value === 'string' ? textFaultOf(value) : undefined);
      if (textFault) return fault(textFaultOf(key) ? frame.path : path, 'invalid_text', textFault);
      if (typeof value === 'object' && value !== null) stack.push({ value, path, depth: frame.depth + 1 });
    }
  }
  return undefined;
}

function fault(field: string, code: string, message: string): FieldFault {
  return { field: field.slice(0, 100), code, message };
}
