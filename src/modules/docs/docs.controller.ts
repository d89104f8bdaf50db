import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../common/auth/public.decorator.js';
import { SkipRateLimit } from '../../throttling/rate-limit.decorators.js';
import { assetPaths, redocPage, redocScript, swaggerUiPage } from './docs.assets.js';
import { redocPolicy, swaggerUiPolicy } from './docs.policies.js';
import { OpenApiDocument } from './openapi.document.js';

const html = 'text/html; charset=utf-8';
// The pages themselves are never kept, so that they name the files of the version that runs.
const assetCacheControl = 'public, max-age=3600';

@Public()
@SkipRateLimit()
@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  @Header('Content-Type', 'application/json; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  openApi(@Res({ passthrough: true }) response: Response): string {
    const { json, etag } = this.document.publish();
    response.set('ETag', etag);
    return json;
  }

  @Get('docs')
  @Header('Content-Type', html)
  @Header('Content-Security-Policy', swaggerUiPolicy)
  swaggerUi(): string {
    return swaggerUiPage;
  }

  @Get('redoc')
  @Header('Content-Type', html)
  @Header('Content-Security-Policy', redocPolicy)
  redoc(): string {
    return redocPage;
  }

  @Get('docs/assets/redoc.standalone.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', assetCacheControl)
  redocScript(): string {
    return redocScript();
  }

  @Get('docs/assets/:name')
  asset(@Param('name') name: string, @Res() response: Response): void {
    const path = assetPaths.get(name);
    if (!path) throw new NotFoundException();
    response.set('Cache-Control', assetCacheControl).sendFile(path);
  }
}
