import { serializeError } from './serialize-error.js';

function databaseError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, detail: 'Key (email)=(canary@a.test)', where: 'canary' });
}

describe('serializeError', () => {
  it('keeps type, message, code, stack and causes, and nothing else', () => {
    const cause = Object.assign(new Error('inner'), { code: 'ECONNREFUSED', config: { password: 'canary' } });
    const error = Object.assign(new TypeError('outer', { cause }), { parameters: ['canary'], query: 'SELECT canary' });
    const logged = serializeError(error);
    expect(logged).toEqual({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('TypeError: outer'),
      cause: { type: 'Error', message: 'inner', code: 'ECONNREFUSED', stack: expect.any(String) },
    });
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  it('G10: leaves out the message of an error that repeats a value', () => {
    const driverError = databaseError('22P02', 'invalid input syntax for type uuid: "canary"');
    const error = Object.assign(new Error(driverError.message), { name: 'QueryFailedError', driverError });
    const logged = serializeError(error);
    expect(logged).toMatchObject({ message: 'the database refused a value', cause: { code: '22P02' } });
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  it('keeps the message of other database errors', () => {
    expect(serializeError(databaseError('42703', 'column "x" does not exist'))).toMatchObject({
      message: 'column "x" does not exist',
      code: '42703',
    });
  });

  it('tells nothing of a value that is no Error', () => {
    expect(serializeError('canary')).toEqual({ type: 'string', message: 'a value that is no Error was thrown' });
    expect(serializeError(undefined)).toBeUndefined();
    expect(serializeError(null)).toBeUndefined();
  });
});
