import { ValidationPipe, type ArgumentMetadata, type ValidationPipeOptions } from '@nestjs/common';
import { compileDto, type Accept, type DtoClass } from './compiled-dto.js';

/**
 * Nest's ValidationPipe, which first asks rules that were collected once for each DTO class. What they do not surely
 * accept goes to class-transformer and class-validator, which decide and word the faults.
 */
export class DtoPipe extends ValidationPipe {
  private readonly accepts = new Map<unknown, Accept | undefined>();

  constructor(
    options: ValidationPipeOptions,
    private readonly group: string,
  ) {
    super(options);
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { metatype, type } = metadata;
    if (type === 'param' && metatype === String && typeof value === 'string') return Promise.resolve(value);
    const isDto = (type === 'body' || type === 'query') && metatype !== undefined && this.toValidate(metadata);
    const accepted = isDto ? this.acceptOf(metatype as DtoClass)?.(value) : undefined;
    return accepted ? Promise.resolve(accepted) : super.transform(value, metadata);
  }

  private acceptOf(target: DtoClass): Accept | undefined {
    if (!this.accepts.has(target)) this.accepts.set(target, compileDto(target, this.group));
    return this.accepts.get(target);
  }
}
