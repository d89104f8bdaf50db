import type { ModuleModel } from '../model/module-model.ts';
import { routePath } from './controller.template.ts';

/** How a spec spells its routes: as they are, or below the parent that it has made. */
export interface SpecPaths {
  /** Inside of a template literal. */
  readonly path: string;
  /** The expression of the list's path. */
  readonly list: string;
}

export function specPaths({ names, parent }: ModuleModel): SpecPaths {
  const path = `/api/v1/${names.files}`;
  return parent ? { path: '${path}', list: 'path' } : { path, list: `'${path}'` };
}

/** Those below a parent that is not there, for a spec that has none yet. */
export function missingPaths(model: ModuleModel): SpecPaths {
  if (!model.parent) return specPaths(model);
  const path = `/${routePath(model).replace(/:\w+/, '${missing}')}`;
  return { path, list: `\`${path}\`` };
}
