import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DocsController } from './docs.controller.js';
import { OpenApiDocument } from './openapi.document.js';
import { OperationTraitsReader } from './operation-traits.js';

/** /openapi.json, /docs and /redoc; imported only when DOCS_ENABLED says so. */
@Module({
  imports: [DiscoveryModule],
  controllers: [DocsController],
  providers: [OpenApiDocument, OperationTraitsReader],
})
export class DocsModule {}
