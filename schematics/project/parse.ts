import ts from 'typescript';

export function parse(text: string, path = 'file.ts'): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** The call of a decorator by its name, or undefined. */
export function decoratorCall(node: ts.HasDecorators, name: string): ts.CallExpression | undefined {
  return (ts.getDecorators(node) ?? [])
    .map((decorator) => decorator.expression)
    .filter((expression) => ts.isCallExpression(expression))
    .find((call) => ts.isIdentifier(call.expression) && call.expression.text === name);
}

/** The text with this part of it replaced. */
export function splice(text: string, start: number, end: number, inserted = ''): string {
  return text.slice(0, start) + inserted + text.slice(end);
}
