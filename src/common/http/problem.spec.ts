import { problemOf } from './problem.js';

describe('problemOf', () => {
  it('completes a status with its title, code and detail', () => {
    expect(problemOf({ status: 404 }, 'id-1')).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no such resource.',
      instance: 'urn:request:id-1',
      code: 'not_found',
      requestId: 'id-1',
    });
  });

  it('keeps what it is given, and adds further members', () => {
    const errors = [{ field: 'a', code: 'b', message: 'c' }];
    const problem = problemOf(
      { status: 401, code: 'mfa_required', detail: 'A code is needed.', errors, extensions: { mfaToken: 't' } },
      'id-1',
    );
    expect(problem).toMatchObject({ code: 'mfa_required', detail: 'A code is needed.', errors, mfaToken: 't' });
  });

  it('has no errors where there are none', () => {
    expect(problemOf({ status: 400 }, 'id-1')).not.toHaveProperty('errors');
  });

  it.each([
    [418, "I'm a Teapot", 'bad_request'],
    [499, 'Error', 'bad_request'],
    [502, 'Bad Gateway', 'internal_error'],
    [599, 'Error', 'internal_error'],
  ])('finds words for the unforeseen status %d', (status, title, code) => {
    expect(problemOf({ status }, 'id-1')).toMatchObject({ status, title, code });
  });
});
