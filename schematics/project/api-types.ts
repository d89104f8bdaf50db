import ts from 'typescript';
import { parse, splice } from './parse.ts';

/** Adds an interface at the end; one of that name that is there already is replaced. */
export function putInterface(text: string, declaration: string): string {
  const name = /interface (\w+)/.exec(declaration)?.[1] ?? '';
  const node = interfaceOf(text, name);
  if (node) return splice(text, node.getStart(), node.end, declaration);
  return `${text.trimEnd()}\n\n${declaration}\n`;
}

export function dropInterface(text: string, name: string): string {
  const node = interfaceOf(text, name);
  return node ? `${splice(text, node.getFullStart(), node.end).trimEnd()}\n` : text;
}

function interfaceOf(text: string, name: string): ts.InterfaceDeclaration | undefined {
  const nodes = parse(text).statements.filter((statement) => ts.isInterfaceDeclaration(statement));
  return nodes.find((node) => node.name.text === name);
}
