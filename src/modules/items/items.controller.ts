import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { CurrentUser } from '../../common/auth/current-user.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { etagOf } from '../../common/http/etag.js';
import { etagHeader, locationHeader } from '../../common/http/response-headers.js';
import { UuidParamPipe } from '../../common/validation/uuid-param.pipe.js';
import { CreateItemDto, ItemDto, ItemsPage, ItemsQuery, UpdateItemDto } from './items.dto.js';
import { ItemsService } from './items.service.js';

@ApiTags('Items')
@Controller('api/v1/items')
export class ItemsController {
  constructor(private readonly items: ItemsService) {}

  /** Creates an item. */
  @Post()
  @ApiCreatedResponse({ type: ItemDto, headers: { ...locationHeader, ...etagHeader } })
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: CreateItemDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ItemDto> {
    const item = await this.items.create(user.id, body);
    response.setHeader('Location', `/api/v1/items/${item.id}`);
    return tagged(response, item);
  }

  /** Lists your items. */
  @Get()
  list(@CurrentUser() user: AuthenticatedUser, @Query() query: ItemsQuery): Promise<ItemsPage> {
    return this.items.list(user.id, query);
  }

  /** Reads an item; 304 when If-None-Match holds its ETag. */
  @Get(':id')
  @ApiHeader({ name: 'If-None-Match', required: false, example: '"1"' })
  @ApiOkResponse({ type: ItemDto, headers: etagHeader })
  @ApiResponse({ status: 304, headers: etagHeader })
  @ApiProblems(404)
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', UuidParamPipe) id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ItemDto> {
    return tagged(response, await this.items.get(user.id, id));
  }

  /** Changes an item by a merge patch; If-Match must hold the ETag that you read. */
  @Patch(':id')
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiHeader({ name: 'If-Match', required: true, example: '"1"' })
  @ApiOkResponse({ type: ItemDto, headers: etagHeader })
  @ApiProblems(404, 412, 428)
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', UuidParamPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() changes: UpdateItemDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ItemDto> {
    return tagged(response, await this.items.update(user.id, id, ifMatch, changes));
  }

  /** Deletes an item; it can be restored. */
  @Delete(':id')
  @HttpCode(204)
  @ApiHeader({ name: 'If-Match', required: false, example: '"1"' })
  @ApiProblems(404, 412)
  remove(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', UuidParamPipe) id: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    return this.items.remove(user.id, id, ifMatch);
  }

  /** Brings a deleted item back. */
  @Post(':id/restore')
  @HttpCode(200)
  @ApiOkResponse({ type: ItemDto, headers: etagHeader })
  @ApiProblems(404)
  async restore(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', UuidParamPipe) id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ItemDto> {
    return tagged(response, await this.items.restore(user.id, id));
  }
}

function tagged(response: Response, item: ItemDto): ItemDto {
  response.setHeader('ETag', etagOf(item.version));
  return item;
}
