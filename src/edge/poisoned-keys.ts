/**
 * Names that reach for the prototype of an object when they are used as a key. Those that every object inherits, such as
 * toString, are among them: class-transformer drops them without a word.
 */
export const poisonedKeys: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);
