import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { finalize, isObservable, lastValueFrom, type Observable } from 'rxjs';
import { DirectInterceptor, type Leave } from '../common/context/direct-interceptor.js';

type Intercept = InterceptorsConsumer['intercept'];

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object
const stock = InterceptorsConsumer.prototype.intercept;

/**
 * Calls the interceptors that only watch without rxjs, as long as they come first; the rest, a module's own above all, run
 * as Nest has them. Takes the place of one method of Nest's, which is not part of its public interface: so it is tried
 * first, and where Nest has changed, all stays as it was.
 */
export async function callInterceptorsDirectly(isWanted: boolean): Promise<void> {
  const isPossible = isWanted && (await behavesAsExpected());
  InterceptorsConsumer.prototype.intercept = isPossible ? intercept : stock;
}

async function intercept(this: InterceptorsConsumer, ...call: Parameters<Intercept>): Promise<unknown> {
  const [interceptors, args, instance, callback, next, type] = call;
  const count = directCount(interceptors);
  const leave = enterAll(interceptors, count, this.createContext(args, instance, callback));
  try {
    const result = await (count === interceptors.length
      ? next()
      : stock.call(this, interceptors.slice(count), args, instance, callback, next, type));
    if (isObservable(result)) return result.pipe(finalize(() => leave?.()));
    leave?.();
    return result;
  } catch (error) {
    leave?.();
    throw error;
  }
}

function directCount(interceptors: Parameters<Intercept>[0]): number {
  const first = interceptors.findIndex((interceptor) => !(interceptor instanceof DirectInterceptor));
  return first === -1 ? interceptors.length : first;
}

function enterAll(
  interceptors: Parameters<Intercept>[0],
  count: number,
  execution: ReturnType<InterceptorsConsumer['createContext']>,
): Leave | undefined {
  let leave: Leave | undefined;
  for (let i = 0; i < count; i++) {
    const inner = (interceptors[i] as DirectInterceptor).enter(execution);
    if (inner) leave = leave ? inTurn(inner, leave) : inner;
  }
  return leave;
}

function inTurn(inner: Leave, outer: Leave): Leave {
  return () => {
    inner();
    outer();
  };
}

/** Whether the stock method and ours give the same to one call. */
async function behavesAsExpected(): Promise<boolean> {
  const steps: string[] = [];
  class Probe extends DirectInterceptor {
    enter(): Leave {
      steps.push('enter');
      return () => steps.push('leave');
    }
  }
  const handler = () => Promise.resolve(steps.push('handle'));
  const call: Parameters<Intercept> = [[new Probe()], [{}, {}], {}, () => undefined, handler, 'http'];
  try {
    const consumer = new InterceptorsConsumer();
    await lastValueFrom((await stock.apply(consumer, call)) as Observable<unknown>);
    await intercept.apply(consumer, call);
    return steps.join() === 'enter,handle,leave,enter,handle,leave';
  } catch {
    return false;
  }
}
