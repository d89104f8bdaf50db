/** Names that reach for the prototype of an object when they are used as a key. */
export const poisonedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
