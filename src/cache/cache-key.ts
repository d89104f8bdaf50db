import { hash } from 'node:crypto';

type KeyOf = (args: readonly unknown[]) => string;

const maxReadableLength = 200;
const keys = new WeakMap<object, KeyOf>();
const owners = new Map<string, object>();

/** Makes the key of a cached method known to `cachedKeyOf`. */
export function registerCachedMethod(method: object, keyOf: KeyOf): void {
  keys.set(method, keyOf);
}

/**
 * The key of one answer of a cached method.
 * @throws TypeError when the method is not cached
 */
export function cachedKeyOf(method: unknown, args: readonly unknown[]): string {
  const keyOf = keys.get(method as object);
  if (!keyOf) throw new TypeError('This method is not cached: it has no @Cached()');
  return keyOf(args);
}

/**
 * Reserves `Class.method` as the first part of keys.
 * @throws Error when another class of that name has taken it, since they would read each other's answers
 */
export function reserveNamespace(owner: object, className: string, methodName: string): string {
  const namespace = `${className}.${methodName}`;
  if ((owners.get(namespace) ?? owner) !== owner) {
    throw new Error(`Two classes cache ${namespace}: rename one of them`);
  }
  owners.set(namespace, owner);
  return namespace;
}

/** `namespace:part`; a long part is hashed, and so is a short one that could pose as a hash. */
export function joinKey(namespace: string, part: string): string {
  const isReadable = part.length <= maxReadableLength && !part.startsWith('#');
  return `${namespace}:${isReadable ? part : `#${hash('sha256', part, 'base64url')}`}`;
}

/**
 * All arguments as one text, such that different arguments never give the same; objects by their own properties.
 * @throws TypeError for what JSON would drop or confuse (functions, symbols, Maps, NaN, ...)
 */
export function keyOfArguments(args: readonly unknown[]): string {
  const length = args.findLastIndex((arg) => arg !== undefined) + 1;
  return JSON.stringify(Array.from(args.slice(0, length), encode));
}

/** Like JSON, but with a tag on what JSON has no word for. */
function encode(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'undefined':
      return { $: 'undefined' };
    case 'bigint':
      return { $: 'bigint', value: String(value) };
    case 'object':
      return value === null ? null : encodeObject(value);
    case 'symbol':
    case 'function':
      break;
  }
  throw new TypeError(`An argument of type ${typeof value} makes no cache key: give @Cached() a key`);
}

function encodeObject(value: object): unknown {
  if (Array.isArray(value)) return Array.from(value, encode);
  if (value instanceof Date) return { $: 'date', value: value.getTime() };
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]') throw new TypeError(`${tag} makes no cache key: give @Cached() a key`);
  // In a list, so that no property of a caller's object can pose as one of the tags above.
  return { o: Object.entries(value).map(([name, item]) => [name, encode(item)]) };
}
