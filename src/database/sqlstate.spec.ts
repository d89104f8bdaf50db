import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { ConnectionUnavailable } from './bounded-pool.js';
import { databaseProblem, violatedConstraint } from './sqlstate.js';

function failed(code: string | undefined, message = 'from the driver', constraint?: string): QueryFailedError {
  return new QueryFailedError('SELECT secret', ['value'], Object.assign(new Error(message), { code, constraint }));
}

describe('databaseProblem', () => {
  it.each(['23505', '23503'])('takes %s, a key that is taken or missing, for 409', (code) => {
    expect(databaseProblem(failed(code))).toMatchObject({ status: 409, code: 'conflict' });
  });

  it.each(['23502', '23514', '22001', '22003', '22P02', '22P05', '22021', '22007', '22008', '2201W', '2201X'])(
    'takes %s, a value that no column holds, for 400',
    (code) => {
      expect(databaseProblem(failed(code))).toMatchObject({ status: 400, code: 'invalid_value' });
    },
  );

  it.each([
    ['a statement that took too long', '57014'],
    ['a lock that took too long', '55P03'],
    ['a deadlock', '40P01'],
    ['a lost race of transactions', '40001'],
    ['too many connections', '53300'],
    ['a full disk', '53100'],
    ['a server that an operator ends', '57P01'],
    ['a server that crashed', '57P02'],
    ['a server that starts', '57P03'],
    ['a session that idled in a transaction', '25P03'],
    ['a broken connection', '08006'],
    ['a read-only server', '25006'],
    ['a password that is not right any more', '28P01'],
    ['a database that is gone', '3D000'],
    ['a table whose migration is pending', '42P01'],
    ['a connection that was reset', 'ECONNRESET'],
    ['a connection that nobody answers on', 'ETIMEDOUT'],
    ['a socket that is closed', 'ERR_STREAM_DESTROYED'],
  ])('takes %s (%s) for 503 with Retry-After', (_what, code) => {
    expect(databaseProblem(failed(code))).toMatchObject({
      status: 503,
      code: 'database_unavailable',
      headers: { 'Retry-After': '1' },
    });
  });

  it.each([
    'Connection terminated unexpectedly',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'The request ran out of time for the database',
  ])('takes "%s", which has no code, for 503', (message) => {
    expect(databaseProblem(failed(undefined, message))).toMatchObject({ status: 503 });
  });

  it('takes a transaction whose connection broke, and a connection that could not be had, for 503', () => {
    expect(databaseProblem(new QueryRunnerAlreadyReleasedError())).toMatchObject({ status: 503 });
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(databaseProblem(new ConnectionUnavailable(refused))).toMatchObject({ status: 503 });
  });

  it('leaves mistakes of ours, and faults of other neighbours, to others', () => {
    expect(databaseProblem(failed('42601'))).toBeUndefined();
    expect(databaseProblem(failed('42703'))).toBeUndefined();
    expect(databaseProblem(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))).toBeUndefined();
    expect(databaseProblem('a string')).toBeUndefined();
  });

  it('says nothing of the statement, its values or the driver to the client', () => {
    const { message, detail } = databaseProblem(failed('57014', 'canceling statement')) ?? {};
    expect(`${message} ${detail}`).not.toMatch(/SELECT|value|canceling/);
  });
});

describe('violatedConstraint', () => {
  it('names the constraint of a unique or foreign key violation', () => {
    expect(violatedConstraint(failed('23505', '', 'users_email_key_unique'))).toBe('users_email_key_unique');
    expect(violatedConstraint(failed('23503', '', 'items_owner_id_fkey'))).toBe('items_owner_id_fkey');
    expect(violatedConstraint(failed('57014', ''))).toBeUndefined();
    expect(violatedConstraint(new Error())).toBeUndefined();
  });
});
