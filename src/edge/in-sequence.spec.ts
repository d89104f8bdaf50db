import type { NextFunction, Request, Response } from 'express';
import { inSequence } from './in-sequence.js';

type Handler = (request: Request, response: Response, next: NextFunction) => void;

function pass(...handlers: Handler[]): unknown[] {
  const ends: unknown[] = [];
  inSequence(...handlers)({} as Request, {} as Response, (error?: unknown) => ends.push(error));
  return ends;
}

describe('inSequence', () => {
  it('calls one after the other, and then what comes next', () => {
    const called: string[] = [];
    const log =
      (name: string): Handler =>
      (_request, _response, next) => {
        called.push(name);
        next();
      };
    expect(pass(log('a'), log('b'), log('c'))).toEqual([undefined]);
    expect(called).toEqual(['a', 'b', 'c']);
  });

  it('leaves out the rest when one of them fails or answers', () => {
    const never: Handler = () => {
      throw new Error('it was called');
    };
    const fault = new Error('no');
    expect(pass((_request, _response, next) => next(fault), never)).toEqual([fault]);
    expect(pass(() => undefined, never)).toEqual([]);
  });
});
