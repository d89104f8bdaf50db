import type { Rule } from '@angular-devkit/schematics';
import { moduleDefinition } from './commands/create-modules.ts';
import { planModules } from './plan/module-plan.ts';
import { openProject } from './project/project.ts';

interface Options {
  readonly name: string;
  /** The second argument of `nest g`: the fields. */
  readonly path: string;
  readonly public: boolean;
  readonly owner: boolean;
  readonly adminOnly: boolean;
  readonly parent?: string;
}

/** `nest g module-resource NAME "field:type ..."`: what `npm run generate -- module` does, through Nest's own command. */
export default function moduleResource({ name, path, public: isPublic, owner, adminOnly, parent }: Options): Rule {
  return async (tree) => {
    const definition = moduleDefinition(name, path.trim().split(/\s+/), {
      isPublic,
      hasOwner: owner,
      isAdminOnly: adminOnly,
      parent,
    });
    for (const { path: file, before, after } of await planModules(
      openProject(process.cwd()),
      [definition],
      Date.now(),
    )) {
      if (before === null) tree.create(file, after ?? '');
      else tree.overwrite(file, after ?? '');
    }
  };
}
