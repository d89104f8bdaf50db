import type { OperationObject, ResponseObject } from '@nestjs/swagger';
import { completeOperation } from './complete-operation.js';

const json = { 'application/json': { schema: { type: 'object' } } };

function completed(operation: Partial<OperationObject>, traits: { isPublic?: boolean; isLimited?: boolean } = {}) {
  const whole: OperationObject = { responses: { 200: { description: '' } }, ...operation };
  completeOperation(whole, { isPublic: false, isLimited: true, ...traits });
  return whole;
}

function headersOf(operation: OperationObject, status: number): string[] {
  return Object.keys((operation.responses[status] as ResponseObject).headers ?? {});
}

describe('completeOperation', () => {
  it('documents every error that a private, limited operation with a body can answer', () => {
    const operation = completed({ requestBody: { content: json } });
    expect(Object.keys(operation.responses)).toEqual(['200', '400', '401', '413', '415', '429', '503']);
    expect(operation.security).toBeUndefined();
  });

  it('documents bad input alone, and no credentials, for a public operation without limit and body', () => {
    const operation = completed({}, { isPublic: true, isLimited: false });
    expect(Object.keys(operation.responses)).toEqual(['200', '400']);
    expect(operation.security).toEqual([]);
  });

  it('keeps what the controller says itself', () => {
    const own = { description: 'The code is wrong.', headers: { 'X-Request-ID': { description: 'own' } } };
    const operation = completed({ responses: { 401: own }, security: [{ operator: [] }] }, { isPublic: true });
    expect(operation.responses[401]).toMatchObject(own);
    expect(operation.security).toEqual([{ operator: [] }]);
  });

  it('gives a response without a description that of its status', () => {
    expect(completed({ responses: { 204: { description: '' } } }).responses[204]).toMatchObject({
      description: 'No Content',
    });
  });

  it('names the headers of each answer', () => {
    const operation = completed({});
    expect(headersOf(operation, 200)).toEqual(['X-Request-ID', 'X-Process-Time', 'RateLimit', 'RateLimit-Policy']);
    expect(headersOf(operation, 401)).toContain('WWW-Authenticate');
    expect(headersOf(operation, 429)).toContain('Retry-After');
    expect(headersOf(operation, 503)).toContain('Retry-After');
    expect(headersOf(completed({}, { isLimited: false }), 200)).toEqual(['X-Request-ID', 'X-Process-Time']);
  });

  it('says that an id in the path is a UUID', () => {
    const operation = completed({ parameters: [{ name: 'id', in: 'path', schema: { type: 'string' } }] });
    expect(operation.parameters).toEqual([{ name: 'id', in: 'path', schema: { type: 'string', format: 'uuid' } }]);
  });
});
