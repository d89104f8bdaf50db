/**
 * A module of the built product. Loaded by name at run time: the type checker must not follow it into dist.
 * @param {string} path within dist
 * @returns {Promise<unknown>}
 */
export function importBuilt(path) {
  return import(new URL(`../dist/${path}`, import.meta.url).href);
}
