/** The lines that are wanted; false and undefined ones are left out. */
export function lines(...parts: (string | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined).join('\n');
}

/** An import statement, or nothing when no name is wanted. */
export function imported(names: readonly (string | false | undefined)[], from: string): string | undefined {
  const wanted = names.filter((name) => name !== false && name !== undefined);
  return wanted.length > 0 ? `import { ${wanted.join(', ')} } from '${from}';` : undefined;
}

/** The scope at the start of a parameter list: `ownerId: string, `. */
export function parameters(scope: readonly string[]): string {
  return scope.map((name) => `${name}: string, `).join('');
}

/** The scope at the start of arguments: `ownerId, `. */
export function args(scope: readonly string[]): string {
  return scope.map((name) => `${name}, `).join('');
}

/** Imports by path, as an editor sorts them, those of one file together. */
export function importedFrom(names: readonly (readonly [name: string, from: string])[]): string | undefined {
  const paths = [...new Set(names.map(([, from]) => from))].sort();
  const statements = paths.map((path) => {
    const own = names.filter(([, from]) => from === path).map(([name]) => name);
    return imported([...new Set(own)].sort(byName), path);
  });
  return statements.length > 0 ? lines(...statements) : undefined;
}

function byName(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}
