import type { ModuleModel } from '../model/module-model.ts';

/** plural.module.ts: names the parts. */
export function moduleTemplate({ names: { Classes, files } }: ModuleModel): string {
  return `import { Module } from '@nestjs/common';
import { ${Classes}Controller } from './${files}.controller.js';
import { ${Classes}Repository } from './${files}.repository.js';
import { ${Classes}Service } from './${files}.service.js';

@Module({
  controllers: [${Classes}Controller],
  providers: [${Classes}Service, ${Classes}Repository],
  exports: [${Classes}Service],
})
export class ${Classes}Module {}`;
}
