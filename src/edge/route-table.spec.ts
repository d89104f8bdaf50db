import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import fc from 'fast-check';
import { RouteTable } from './route-table.js';

/** What a request is answered with: the route, by its place, and its parameters. */
interface Answer {
  readonly route: number | undefined;
  readonly path?: string;
  readonly params?: Record<string, string>;
}

const words = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 1, arbitrary: fc.constantFrom('A', 'a.b', '-', '..', '') },
);
const segment = fc.oneof(
  { weight: 12, arbitrary: words },
  { weight: 6, arbitrary: fc.constantFrom(':x', ':y') },
  { weight: 1, arbitrary: fc.constantFrom('*rest', 'a:x') },
);
const route = fc.record({
  method: fc.constantFrom('get' as const, 'post' as const),
  path: fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
});
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD'),
  url: fc
    .tuple(
      fc.array(
        fc.oneof({ weight: 8, arbitrary: words }, { weight: 1, arbitrary: fc.constantFrom('%61', 'c', 'é', 'a%2Fb') }),
        { maxLength: 5 },
      ),
      fc.constantFrom('', '/', '?a=/b'),
    )
    .map(([segments, end]) => `/${segments.join('/')}${end}`),
});

function answerOf(instance: Express, { method, url }: { method: string; url: string }): Answer {
  let answer: Answer = { route: undefined };
  const response = { tell: (told: Answer) => (answer = told) };
  instance.router({ method, url } as Request, response as unknown as Response, () => undefined);
  return answer;
}

describe('RouteTable', () => {
  it('finds the route that Express finds, with the same parameters, for random routes and paths', () => {
    let tabled = 0;
    const drawn = fc.tuple(fc.array(route, { maxLength: 6 }), fc.array(request, { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(drawn, ([routes, requests]) => {
        const plain = express().enable('case sensitive routing');
        const quick = express().enable('case sensitive routing');
        const table = new RouteTable();
        quick.use(table.handle);
        for (const [index, { method, path }] of routes.entries()) {
          const handler = ({ params, route: found }: Request, response: Response) => {
            const { tell } = response as unknown as { tell(answer: Answer): void };
            tell({
              route: index,
              path: (found as { path: string }).path,
              params: { ...params } as Record<string, string>,
            });
          };
          if (!isTaken(plain, method, path, handler)) return;
          quick[method](path, handler);
          table.add(method.toUpperCase(), path, (...call: [Request, Response, NextFunction]) => {
            tabled++;
            handler(call[0], call[1]);
          });
        }
        for (const one of requests) expect(answerOf(quick, one)).toEqual(answerOf(plain, one));
      }),
      { numRuns: 2000 },
    );
    expect(tabled).toBeGreaterThan(100);
  });
});

/** Express refuses some of the paths, such as those with two parameters of one name. */
function isTaken(
  instance: Express,
  method: 'get' | 'post',
  path: string,
  handler: (q: Request, s: Response) => void,
): boolean {
  try {
    instance[method](path, handler);
    return true;
  } catch {
    return false;
  }
}
