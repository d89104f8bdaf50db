import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { IS_PUBLIC } from '../../common/auth/public.decorator.js';
import { SKIP_RATE_LIMIT } from '../../throttling/rate-limit.decorators.js';
import { operationIdOf } from './operation-id.js';

/** What a handler's own decorators say about the operation that it serves. */
export interface OperationTraits {
  readonly isPublic: boolean;
  readonly isLimited: boolean;
}

/** Reads the decorators that guards obey, so that the documentation can't claim anything else. */
@Injectable()
export class OperationTraitsReader {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** The traits of every controller method, by operation id. */
  read(): Map<string, OperationTraits> {
    const traits = new Map<string, OperationTraits>();
    for (const { metatype: controller } of this.discovery.getControllers()) {
      if (typeof controller !== 'function') continue;
      const prototype = controller.prototype as Record<string, () => unknown>;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const targets = [prototype[method]!, controller];
        traits.set(operationIdOf(controller.name, method), {
          isPublic: this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) ?? false,
          isLimited: !this.reflector.getAllAndOverride<boolean | undefined>(SKIP_RATE_LIMIT, targets),
        });
      }
    }
    return traits;
  }
}
