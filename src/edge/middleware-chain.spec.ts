import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import fc from 'fast-check';
import { MiddlewareChain } from './middleware-chain.js';

const behaviours = [
  'passes',
  'passes later',
  'fails',
  'fails later',
  'throws',
  'rejects',
  'rejects with nothing',
  'answers',
] as const;
type Behaviour = (typeof behaviours)[number];

/** What became of a request: the middleware that saw it, in order, and where it ended. */
type Story = string[];

const stepOf =
  (behaviour: Behaviour, place: number, story: Story, ended: () => void): RequestHandler =>
  (request, _response, next) => {
    story.push(`${place} ${behaviour} ${request.originalUrl} ${request.baseUrl}`);
    switch (behaviour) {
      case 'passes':
        return next();
      case 'passes later':
        return void setImmediate(() => next());
      case 'fails':
        return next(new Error(`of ${place}`));
      case 'fails later':
        return void setImmediate(() => next(new Error(`of ${place}`)));
      case 'throws':
        throw new Error(`of ${place}`);
      case 'rejects':
        return Promise.reject(new Error(`of ${place}`));
      case 'rejects with nothing':
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as careless middleware does
        return Promise.reject('');
      case 'answers':
        return ended();
    }
  };

/** Sends a request through an application and waits until something has ended it. */
async function storyOf(
  all: readonly Behaviour[],
  wire: (instance: Express, steps: readonly RequestHandler[]) => (request: Request, response: Response) => void,
): Promise<Story> {
  const story: Story = [];
  await new Promise<void>((resolve) => {
    const instance = express().disable('x-powered-by');
    const steps = all.map((behaviour, place) => stepOf(behaviour, place, story, resolve));
    const serve = wire(instance, steps);
    instance.get('/a', (request) => {
      story.push(`through ${request.originalUrl} ${request.baseUrl}`);
      resolve();
    });
    const onError: ErrorRequestHandler = (error: Error, request, _response, _next) => {
      story.push(`error ${error.message} ${request.originalUrl}`);
      resolve();
    };
    instance.use(onError);
    serve({ method: 'GET', url: '/a?b=c' } as Request, {} as Response);
  });
  return story;
}

const byExpress = (instance: Express, steps: readonly RequestHandler[]) => {
  for (const step of steps) instance.use(step);
  return instance;
};

const chainOf = (instance: Express, steps: readonly RequestHandler[]) => {
  const chain = new MiddlewareChain(instance);
  instance.use(chain.handle);
  for (const step of steps) if (!chain.add(step)) throw new Error('It is open.');
  return chain;
};

describe('MiddlewareChain', () => {
  it.each([
    ['that comes in by it', (instance: Express, steps: readonly RequestHandler[]) => chainOf(instance, steps).serve],
    [
      'that comes in by Express',
      (instance: Express, steps: readonly RequestHandler[]) => {
        chainOf(instance, steps);
        return instance;
      },
    ],
  ])('does with a request %s what Express does, for random middleware', async (_, wire) => {
    const drawn = fc.array(fc.constantFrom(...behaviours), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(drawn, async (all) => {
        expect(await storyOf(all, wire)).toEqual(await storyOf(all, byExpress));
      }),
    );
  });

  it('leaves to Express what is for some paths, handles errors or comes late', () => {
    const step: RequestHandler = (_request, _response, next) => next();
    const onError: ErrorRequestHandler = (_error, _request, _response, next) => next();
    const chain = new MiddlewareChain(() => undefined);
    expect([chain.add('/a', step), chain.add(onError), chain.add(step, step)]).toEqual([false, false, false]);
    expect(chain.add(step)).toBe(true);
    chain.close();
    expect(chain.add(step)).toBe(false);
  });
});
