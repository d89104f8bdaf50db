/** What the decorators of class-transformer have left; the package has no types for it. @nestjs/mapped-types reads it too. */
declare module 'class-transformer/cjs/storage.js' {
  import type { TransformFnParams, TransformOptions } from 'class-transformer';

  export interface TransformMetadata {
    readonly transformFn: (params: TransformFnParams) => unknown;
    readonly options?: TransformOptions;
  }

  export const defaultMetadataStorage: {
    findTransformMetadatas(target: unknown, property: string, type: number): TransformMetadata[];
    findTypeMetadata(target: unknown, property: string): unknown;
    getExposedMetadatas(target: unknown): unknown[];
    getExcludedMetadatas(target: unknown): unknown[];
  };
}
