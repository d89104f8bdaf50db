import ts from 'typescript';
import { quoted } from '../model/literals.ts';
import { parse, splice } from './parse.ts';

/** Operations of a module that are not simply for its users. */
export interface Access {
  readonly publicOperations: readonly string[];
  readonly adminOperations: readonly string[];
}

const lists = ['publicOperations', 'adminOperations'] as const;

/** What test/access-matrix.e2e-spec.ts must say of a module: who opens a route says so there too. */
export function accessOf(
  module: string,
  { isPublic, isAdminOnly }: { isPublic: boolean; isAdminOnly: boolean },
): Access {
  const reads = [`${module}Get`, `${module}List`];
  const writes = ['Create', 'Update', 'Remove', 'Restore'].map((name) => `${module}${name}`);
  return {
    publicOperations: isPublic ? reads : [],
    adminOperations: isAdminOnly ? [...writes, ...(isPublic ? [] : reads)] : [],
  };
}

export function addAccess(text: string, access: Access): string {
  return edit(text, (names, list) => [...new Set([...names, ...access[list]])].sort());
}

export function dropAccess(text: string, access: Access): string {
  return edit(text, (names, list) => names.filter((name) => !access[list].includes(name)));
}

function edit(text: string, change: (names: string[], list: (typeof lists)[number]) => string[]): string {
  return lists.reduce((whole, list) => {
    const array = arrayOf(whole, list);
    if (!array) return whole;
    const names = array.elements.filter((element) => ts.isStringLiteral(element)).map((element) => element.text);
    return splice(whole, array.getStart(), array.end, `[${change(names, list).map(quoted).join(', ')}]`);
  }, text);
}

function arrayOf(text: string, name: string): ts.ArrayLiteralExpression | undefined {
  const declarations = parse(text)
    .statements.filter((statement) => ts.isVariableStatement(statement))
    .flatMap((statement) => [...statement.declarationList.declarations]);
  const initializer = declarations.find((declaration) => declaration.name.getText() === name)?.initializer;
  return initializer && ts.isArrayLiteralExpression(initializer) ? initializer : undefined;
}
