import type { ModuleModel } from '../model/module-model.ts';
import { controllerTemplate } from './controller.template.ts';
import { docsTemplate } from './docs.template.ts';
import { dtoTemplate } from './dto.template.ts';
import { e2eSpecTemplate } from './e2e-spec.template.ts';
import { entityTemplate } from './entity.template.ts';
import { factoryTemplate } from './factory.template.ts';
import { migrationTemplate } from './migration.template.ts';
import { moduleTemplate } from './module.template.ts';
import { repositoryTemplate } from './repository.template.ts';
import { serviceSpecTemplate } from './service-spec.template.ts';
import { serviceTemplate } from './service.template.ts';

/** Every file of a module, by its path from the root; not yet formatted. */
export function moduleFiles(model: ModuleModel): Map<string, string> {
  const { file, files } = model.names;
  const folder = `src/modules/${files}`;
  return new Map([
    [`${folder}/${files}.module.ts`, moduleTemplate(model)],
    [`${folder}/${files}.controller.ts`, controllerTemplate(model)],
    [`${folder}/${files}.service.ts`, serviceTemplate(model)],
    [`${folder}/${files}.service.spec.ts`, serviceSpecTemplate(model)],
    [`${folder}/${files}.repository.ts`, repositoryTemplate(model)],
    [`${folder}/${file}.entity.ts`, entityTemplate(model)],
    [`${folder}/${files}.dto.ts`, dtoTemplate(model)],
    [migrationPath(model), migrationTemplate(model)],
    [`test/${files}.e2e-spec.ts`, e2eSpecTemplate(model)],
    [`test/factories/${file}.factory.ts`, factoryTemplate(model)],
    [`docs/modules/${files}.md`, docsTemplate(model)],
  ]);
}

export function migrationPath({ names, timestamp }: ModuleModel): string {
  return `src/database/migrations/${timestamp}-create-${names.files}.ts`;
}
