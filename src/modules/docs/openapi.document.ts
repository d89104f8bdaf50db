import { createHash } from 'node:crypto';
import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject, type OperationObject } from '@nestjs/swagger';
import { ProblemDto } from '../../common/http/problem.dto.js';
import { AppConfig } from '../../config/app-config.js';
import { closeRequestSchemas } from './close-request-schemas.js';
import { completeOperation, sharedHeaders } from './complete-operation.js';
import { introduction, tagDescriptions } from './document-texts.js';
import { operationIdOf } from './operation-id.js';
import { OperationTraitsReader } from './operation-traits.js';

interface PublishedDocument {
  readonly json: string;
  /** Entity tag of the text, so that a reader who has it already gets a 304. */
  readonly etag: string;
}

/** The OpenAPI 3.1 document of the application, built when it is first asked for: the start must not wait for it. */
@Injectable()
export class OpenApiDocument {
  private app?: INestApplication;
  private published?: PublishedDocument;

  constructor(
    private readonly config: AppConfig,
    private readonly traitsReader: OperationTraitsReader,
  ) {}

  /** Names the application to describe. app.setup.ts calls it, as no provider can inject the application. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  /** The document as it is sent. */
  publish(): PublishedDocument {
    return (this.published ??= publish(this.build()));
  }

  private build(): OpenAPIObject {
    if (!this.app) throw new Error('OpenApiDocument.describe(app) has not been called.');
    const document = SwaggerModule.createDocument(this.app, this.base(), {
      operationIdFactory: operationIdOf,
      extraModels: [ProblemDto],
    });
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path) as OperationObject[]);
    const traits = this.traitsReader.read();
    for (const operation of operations) {
      const ofOperation = traits.get(operation.operationId ?? '');
      if (!ofOperation) throw new Error(`No handler found for operation ${operation.operationId}.`);
      completeOperation(operation, ofOperation);
    }
    closeRequestSchemas(document, operations);
    document.tags = tagsOf(operations);
    return document;
  }

  private base(): Omit<OpenAPIObject, 'paths'> {
    const base = new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle(this.config.appName)
      .setDescription(introduction)
      .setVersion(this.config.appVersion)
      .addBearerAuth({ type: 'http', description: 'The access token of a login.' })
      .addBearerAuth({ type: 'http', bearerFormat: 'opaque', description: 'OPERATOR_TOKEN.' }, 'operator')
      .addSecurityRequirements('bearer')
      .build();
    delete base.info.contact;
    base.components = { ...base.components, headers: sharedHeaders };
    return base;
  }
}

function publish(document: OpenAPIObject): PublishedDocument {
  const json = JSON.stringify(document);
  return { json, etag: `"${createHash('sha256').update(json).digest('base64url')}"` };
}

function tagsOf(operations: readonly OperationObject[]): NonNullable<OpenAPIObject['tags']> {
  const used = new Set(operations.flatMap((operation) => operation.tags ?? []));
  const known = Object.keys(tagDescriptions).filter((name) => used.delete(name));
  return [...known, ...[...used].sort()].map((name) => ({ name, description: tagDescriptions[name] }));
}
