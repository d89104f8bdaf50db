import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import type { Target } from '../model/field-model.ts';
import { readManifest } from './manifest.ts';
import { decoratorCall, parse } from './parse.ts';

/** An entity of the project and where it is. */
export interface KnownEntity extends Target {
  /** Its routes are below another module's. */
  readonly isNested: boolean;
  /** A factory can make one, which the tests of a ref need. */
  readonly hasFactory: boolean;
}

/** What the generator needs to know of the project that it writes into. */
export interface Project {
  readonly root: string;
  readonly entities: readonly KnownEntity[];
  readonly migrations: readonly string[];
  /** @returns null when there is no such file */
  readonly read: (path: string) => string | null;
}

export function openProject(root: string): Project {
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);
  const modules = readdirSync(join(root, 'src/modules'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const files = modules.flatMap(({ name }) =>
    readdirSync(join(root, 'src/modules', name))
      .filter((file) => file.endsWith('.entity.ts'))
      .map((file) => `${name}/${file}`),
  );
  return {
    root,
    read,
    entities: files.flatMap((file) => entitiesOf(file, read(`src/modules/${file}`) ?? '', read)),
    migrations: readdirSync(join(root, 'src/database/migrations')).sort(),
  };
}

function entitiesOf(entityFile: string, text: string, read: Project['read']): KnownEntity[] {
  return parse(text)
    .statements.filter((statement) => ts.isClassDeclaration(statement))
    .flatMap((node) => {
      const table = decoratorCall(node, 'Entity')?.arguments[0];
      if (!table || !ts.isStringLiteral(table) || !node.name) return [];
      const factoryFile = `${basename(entityFile, '.entity.ts')}.factory.ts`;
      const factory = read(`test/factories/${factoryFile}`) ?? '';
      const definition = readManifest(read, entityFile.slice(0, entityFile.indexOf('/')))?.definition;
      return [
        {
          Class: node.name.text,
          table: table.text,
          entityFile,
          factoryFile,
          hasOwner: node.members.some((member) => member.name?.getText() === 'ownerId'),
          isAdminOnly: definition?.isAdminOnly ?? false,
          isNested: definition?.parent !== undefined,
          hasFactory: factory.includes(`function create${node.name.text}(`),
        },
      ];
    });
}
