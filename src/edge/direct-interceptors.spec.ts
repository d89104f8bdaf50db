import type { CallHandler, NestInterceptor } from '@nestjs/common';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { isObservable, lastValueFrom, map } from 'rxjs';
import { DirectInterceptor, type Leave } from '../common/context/direct-interceptor.js';
import { callInterceptorsDirectly } from './direct-interceptors.js';

let steps: string[];

class Watcher extends DirectInterceptor {
  constructor(private readonly name: string) {
    super();
  }

  enter(): Leave {
    steps.push(`enter ${this.name}`);
    return () => steps.push(`leave ${this.name}`);
  }
}

const shout: NestInterceptor = {
  intercept: (_execution, next: CallHandler<string>) => next.handle().pipe(map((answer) => answer.toUpperCase())),
};

async function call(interceptors: NestInterceptor[], handler: () => Promise<unknown>): Promise<unknown> {
  steps = [];
  const consumer = new InterceptorsConsumer();
  const result = await consumer.intercept(interceptors, [{}, {}], {}, () => undefined, handler, 'http');
  return isObservable(result) ? lastValueFrom(result) : result;
}

describe.each([true, false])('interceptors, called directly: %s', (isWanted) => {
  beforeAll(() => callInterceptorsDirectly(isWanted));
  afterAll(() => callInterceptorsDirectly(false));

  it('enter in order and leave in the opposite one', async () => {
    expect(await call([new Watcher('a'), new Watcher('b')], () => Promise.resolve('answer'))).toBe('answer');
    expect(steps).toEqual(['enter a', 'enter b', 'leave b', 'leave a']);
  });

  it('leave when the handler throws', async () => {
    await expect(call([new Watcher('a')], () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(steps).toEqual(['enter a', 'leave a']);
  });

  it('give way to an rxjs interceptor of a module', async () => {
    expect(await call([new Watcher('a'), shout], () => Promise.resolve('answer'))).toBe('ANSWER');
    expect(steps).toEqual(['enter a', 'leave a']);
  });
});
