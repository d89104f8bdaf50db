import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DefinitionError, type ModuleDefinition } from '../definition/definition.ts';
import { definitionsOf } from '../definition/from-yaml.ts';
import { parseField } from '../definition/parse-field.ts';
import { applyChanges, type Change } from '../plan/change.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { planModules } from '../plan/module-plan.ts';
import { openProject } from '../project/project.ts';
import { parsed } from './parsed.ts';

const options = {
  from: { type: 'string' },
  'dry-run': { type: 'boolean' },
  public: { type: 'boolean' },
  'no-owner': { type: 'boolean' },
  'admin-only': { type: 'boolean' },
  parent: { type: 'string' },
} as const;

export async function createModules(args: readonly string[], root: string): Promise<string> {
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const [name, ...fields] = positionals;
  const definitions =
    values.from === undefined
      ? [
          moduleDefinition(name ?? '', fields, {
            isPublic: values.public ?? false,
            hasOwner: !values['no-owner'],
            isAdminOnly: values['admin-only'] ?? false,
            parent: values.parent,
          }),
        ]
      : fromFile(resolve(root, values.from), positionals);
  const changes = await planModules(openProject(root), definitions, Date.now());
  if (values['dry-run']) return unifiedDiff(changes);
  applyChanges(root, changes);
  return `${summary(changes)}\nNext: npm run migrate, npm test`;
}

/** Who may do what, and below what. */
interface Access {
  readonly isPublic: boolean;
  readonly hasOwner: boolean;
  readonly isAdminOnly: boolean;
  readonly parent?: string;
}

/** @throws DefinitionError */
export function moduleDefinition(name: string, fields: readonly string[], access: Access): ModuleDefinition {
  if (name === '') throw new DefinitionError('A module needs a name: module NAME field:type ...');
  // What only administrators may touch belongs to nobody in particular.
  return { name, fields: fields.map(parseField), ...access, hasOwner: access.hasOwner && !access.isAdminOnly };
}

function fromFile(path: string, rest: readonly string[]): ModuleDefinition[] {
  if (rest.length > 0) throw new DefinitionError('--from FILE takes the modules from the file; leave the others out');
  try {
    return definitionsOf(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new DefinitionError(`${path}: there is no such file`);
    throw error;
  }
}

/** Which files were changed, one a line. */
export function summary(changes: readonly Change[]): string {
  const verb = ({ before, after }: Change) => (before === null ? 'CREATE' : after === null ? 'DELETE' : 'UPDATE');
  return changes
    .filter(({ before, after }) => before !== after)
    .map((change) => `${verb(change)} ${change.path}`)
    .join('\n');
}
