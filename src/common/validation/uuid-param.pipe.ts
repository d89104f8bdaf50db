import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { ValidationFailed } from '../http/problem.exception.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Lets only UUIDs (RFC 9562) into a path parameter, in lower case. */
@Injectable()
export class UuidParamPipe implements PipeTransform<string, string> {
  transform(value: string, { data }: ArgumentMetadata): string {
    if (uuid.test(value)) return value.toLowerCase();
    throw new ValidationFailed([{ field: data ?? 'id', code: 'is_uuid', message: 'must be a UUID' }]);
  }
}
