import { Inject } from '@nestjs/common';
import { joinKey, keyOfArguments, registerCachedMethod, reserveNamespace } from './cache-key.js';
import { CacheService } from './cache.service.js';

export interface CachedOptions {
  /** Seconds that an answer is kept; 300 unless told. */
  readonly ttlSeconds?: number;
  /** Names the answer, from the arguments. Must differ wherever answers differ: by user, if they differ by user. */
  readonly key?: (...args: never[]) => string;
}

type AsyncMethod = (this: Record<symbol, CacheService | undefined>, ...args: unknown[]) => Promise<unknown>;

const injectedCache = Symbol('cache');

/**
 * Keeps the answers of an async method of a provider, one for each set of arguments (see CacheService for what
 * happens to values and errors). The method must answer from its arguments alone: one that looks up who is asking
 * anywhere else would answer everybody alike.
 *
 * ```ts
 * @Cached({ ttlSeconds: 60 })
 * async getProfile(userId: string): Promise<Profile> { ... }
 *
 * // after a change is committed
 * await this.cache.invalidate(UsersService, 'getProfile', userId);
 * ```
 */
export function Cached({ ttlSeconds = 300, key }: CachedOptions = {}) {
  return <M extends (...args: never[]) => Promise<unknown>>(
    target: object,
    methodName: string,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const method = descriptor.value as unknown as AsyncMethod;
    const namespace = reserveNamespace(target, target.constructor.name, methodName);
    const keyOf = (args: readonly unknown[]) =>
      joinKey(namespace, key ? key(...(args as never[])) : keyOfArguments(args));

    const cached: AsyncMethod = function (...args) {
      const cache = this[injectedCache];
      // Made by hand, as in a unit test: there is no cache to ask.
      if (!cache) return method.apply(this, args);
      return cache.getOrLoad(keyOf(args), ttlSeconds, () => method.apply(this, args));
    };
    Object.defineProperty(cached, 'name', { value: methodName });
    registerCachedMethod(cached, keyOf);
    descriptor.value = cached as unknown as M;
    Inject(CacheService)(target, injectedCache);
  };
}
