import type { ModuleModel } from '../model/module-model.ts';
import { one } from './dto.template.ts';
import { args, imported, lines } from './text.ts';

/** plural.controller.ts: route, status, documentation, forward. */
export function controllerTemplate(model: ModuleModel): string {
  const { names, parent, hasOwner, isReadOwned, isPublic, isAdminOnly, canConflict } = model;
  const { Class, Classes, variable, variables, files } = names;
  const an = one(names);
  const user = '    @CurrentUser() user: AuthenticatedUser,';
  const parentId = parent?.field.property;
  const below = parentId !== undefined && `    @Param('${parentId}', UuidParamPipe) ${parentId}: string,`;
  const scope = (names: readonly string[]) => args(names).replace('ownerId', 'user.id');
  const writeScope = scope(model.writeScope);
  const readScope = scope(model.readScope);
  const readers = isAdminOnly && !isPublic ? [403] : [];
  const writers = isAdminOnly ? [403] : [];
  const adminWrites = isAdminOnly && isPublic && `  @Roles('admin')`;
  const problems = (...statuses: number[]) =>
    statuses.length > 0 && `  @ApiProblems(${[...new Set(statuses)].sort().join(', ')})`;
  const conflict = canConflict ? [409] : [];
  const missing = parent ? [404] : [];
  return lines(
    `import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';`,
    hasOwner && `import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';`,
    hasOwner && `import { CurrentUser } from '../../common/auth/current-user.decorator.js';`,
    isPublic && imported(['Public'], '../../common/auth/public.decorator.js'),
    isAdminOnly && imported(['Roles'], '../../common/auth/roles.decorator.js'),
    `import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { etagOf } from '../../common/http/etag.js';
import { etagHeader, locationHeader } from '../../common/http/response-headers.js';
import { UuidParamPipe } from '../../common/validation/uuid-param.pipe.js';
import { Create${Class}Dto, ${Class}Dto, ${Classes}Page, ${Classes}Query, Update${Class}Dto } from './${files}.dto.js';
import { ${Classes}Service } from './${files}.service.js';

@ApiTags('${names.Title}')`,
    isAdminOnly && !isPublic && `@Roles('admin')`,
    `@Controller('${routePath(model)}')
export class ${Classes}Controller {
  constructor(private readonly ${variables}: ${Classes}Service) {}

  /** Creates ${an}. */
  @Post()`,
    adminWrites,
    `  @ApiCreatedResponse({ type: ${Class}Dto, headers: { ...locationHeader, ...etagHeader } })`,
    problems(...writers, ...missing, ...(parent ? [409] : conflict)),
    '  async create(',
    hasOwner && user,
    below,
    `    @Body() body: Create${Class}Dto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<${Class}Dto> {
    const ${variable} = await this.${variables}.create(${writeScope}body);
    response.setHeader('Location', \`${locationPath(model)}/\${${variable}.id}\`);
    return tagged(response, ${variable});
  }

  /** Lists ${isReadOwned ? 'your' : 'the'} ${names.plural}. */
  @Get()`,
    isPublic && '  @Public()',
    problems(...readers, ...missing),
    '  list(',
    isReadOwned && user,
    below,
    `    @Query() query: ${Classes}Query,
  ): Promise<${Classes}Page> {
    return this.${variables}.list(${readScope}query);
  }

  /** Reads ${an}; 304 when If-None-Match holds its ETag. */
  @Get(':id')`,
    isPublic && '  @Public()',
    `  @ApiHeader({ name: 'If-None-Match', required: false, example: '"1"' })
  @ApiOkResponse({ type: ${Class}Dto, headers: etagHeader })
  @ApiResponse({ status: 304, headers: etagHeader })`,
    problems(...readers, 404),
    '  async get(',
    isReadOwned && user,
    below,
    `    @Param('id', UuidParamPipe) id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<${Class}Dto> {
    return tagged(response, await this.${variables}.get(${readScope}id));
  }

  /** Changes ${an} by a merge patch; If-Match must hold the ETag that you read. */
  @Patch(':id')`,
    adminWrites,
    `  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiHeader({ name: 'If-Match', required: true, example: '"1"' })
  @ApiOkResponse({ type: ${Class}Dto, headers: etagHeader })`,
    problems(...writers, 404, ...conflict, 412, 428),
    '  async update(',
    hasOwner && user,
    below,
    `    @Param('id', UuidParamPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() changes: Update${Class}Dto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<${Class}Dto> {
    return tagged(response, await this.${variables}.update(${writeScope}id, ifMatch, changes));
  }

  /** Deletes ${an}; it can be restored. */
  @Delete(':id')`,
    adminWrites,
    `  @HttpCode(204)
  @ApiHeader({ name: 'If-Match', required: false, example: '"1"' })`,
    problems(...writers, 404, 412),
    '  remove(',
    hasOwner && user,
    below,
    `    @Param('id', UuidParamPipe) id: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    return this.${variables}.remove(${writeScope}id, ifMatch);
  }

  /** Brings a deleted ${names.singular} back. */
  @Post(':id/restore')`,
    adminWrites,
    `  @HttpCode(200)
  @ApiOkResponse({ type: ${Class}Dto, headers: etagHeader })`,
    problems(...writers, 404, ...(model.unique.length > 0 ? [409] : [])),
    '  async restore(',
    hasOwner && user,
    below,
    `    @Param('id', UuidParamPipe) id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<${Class}Dto> {
    return tagged(response, await this.${variables}.restore(${writeScope}id));
  }
}

function tagged(response: Response, ${variable}: ${Class}Dto): ${Class}Dto {
  response.setHeader('ETag', etagOf(${variable}.version));
  return ${variable};
}`,
  );
}

/** Where the routes are, with the parent's id as a parameter. */
export function routePath({ names, parent }: ModuleModel): string {
  return `api/v1/${parent ? `${parent.names.files}/:${parent.field.property}/` : ''}${names.files}`;
}

/** The same inside of a template literal that knows the parent's id. */
function locationPath(model: ModuleModel): string {
  return `/${routePath(model).replace(/:(\w+)/, '${$1}')}`;
}
