import type { ExecutionContext } from '@nestjs/common';

/** What of an execution context names the route. */
type Route = Pick<ExecutionContext, 'getClass' | 'getHandler'>;

/**
 * Remembers for each route what `read` makes of it. For what decorators say, which never changes: looking metadata up for
 * each request would cost more than all that is decided by it.
 */
export function oncePerRoute<T>(read: (route: Route) => T): (route: Route) => T {
  const known = new WeakMap<object, Map<unknown, T>>();
  return (route) => {
    const controller = route.getClass();
    let handlers = known.get(controller);
    if (!handlers) known.set(controller, (handlers = new Map<unknown, T>()));
    const handler = route.getHandler();
    if (!handlers.has(handler)) handlers.set(handler, read(route));
    return handlers.get(handler) as T;
  };
}
