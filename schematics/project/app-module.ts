import ts from 'typescript';
import { decoratorCall, parse, splice } from './parse.ts';

/** A module and where app.module.ts imports it from. */
export interface Registration {
  readonly className: string;
  /** Such as ./modules/items/items.module.js */
  readonly from: string;
}

/**
 * Adds a module to the imports of AppModule, by the syntax tree, so that neither formatting nor comments matter. One that
 * is there already stays.
 * @throws Error when there is no list of imports
 */
export function register(text: string, { className, from }: Registration): string {
  const known = importOf(parse(text), from);
  const name = known ? importedName(known) : className;
  const list = importsList(parse(text));
  if (list.elements.some((element) => element.getText() === name)) return text;
  const last = list.elements.at(-1);
  const separator = list.elements.hasTrailingComma || !last ? '' : ',';
  const end = last && list.elements.hasTrailingComma ? list.elements.end : (last?.end ?? list.getStart() + 1);
  const withModule = splice(text, end, end, `${separator}\n${name},`);
  return known ? withModule : addImport(withModule, className, from);
}

/** Takes a module out again. */
export function unregister(text: string, { from }: Registration): string {
  const statement = importOf(parse(text), from);
  if (!statement) return text;
  const list = importsList(parse(text));
  const index = list.elements.findIndex((element) => element.getText() === importedName(statement));
  const element = list.elements[index];
  if (!element) return removeImport(text, statement);
  const before = list.elements[index - 1]?.end ?? list.getStart() + 1;
  const after = list.elements[index + 1];
  // The comma goes with it: the one before, or for the first element the one after.
  const withoutElement =
    index > 0
      ? splice(text, before, element.end)
      : splice(text, element.getStart(), after ? after.getStart() : list.elements.end);
  return removeImport(withoutElement, statement);
}

function removeImport(text: string, statement: ts.ImportDeclaration): string {
  return splice(text, statement.getStart(), statement.end + (text[statement.end] === '\n' ? 1 : 0));
}

function addImport(text: string, className: string, from: string): string {
  const imports = parse(text).statements.filter((statement) => ts.isImportDeclaration(statement));
  const features = imports.filter((statement) => pathOf(statement).startsWith('./modules/'));
  const next = features.find((statement) => pathOf(statement) > from);
  const line = `import { ${className} } from '${from}';`;
  const last = features.at(-1) ?? imports.at(-1);
  if (next) return splice(text, next.getStart(), next.getStart(), `${line}\n`);
  const end = last?.end ?? 0;
  return splice(text, end, end, `\n${line}`);
}

function importsList(file: ts.SourceFile): ts.ArrayLiteralExpression {
  const appModule = file.statements.find(
    (statement) => ts.isClassDeclaration(statement) && statement.name?.text === 'AppModule',
  );
  const argument = appModule && decoratorCall(appModule as ts.ClassDeclaration, 'Module')?.arguments[0];
  const property =
    argument && ts.isObjectLiteralExpression(argument)
      ? argument.properties.find((candidate) => candidate.name?.getText() === 'imports')
      : undefined;
  if (property && ts.isPropertyAssignment(property) && ts.isArrayLiteralExpression(property.initializer)) {
    return property.initializer;
  }
  throw new Error('src/app.module.ts: AppModule has no @Module({ imports: [...] }) that a module could be added to');
}

function importOf(file: ts.SourceFile, from: string): ts.ImportDeclaration | undefined {
  return file.statements.filter((statement) => ts.isImportDeclaration(statement)).find((one) => pathOf(one) === from);
}

function importedName(statement: ts.ImportDeclaration): string {
  const bindings = statement.importClause?.namedBindings;
  const element = bindings && ts.isNamedImports(bindings) ? bindings.elements[0] : undefined;
  return element?.name.text ?? '';
}

function pathOf(statement: ts.ImportDeclaration): string {
  return (statement.moduleSpecifier as ts.StringLiteral).text;
}
