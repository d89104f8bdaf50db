import { operationIdOf } from './operation-id.js';

describe('operationIdOf', () => {
  it('joins the subject of the controller and the verb of the method', () => {
    expect(operationIdOf('ItemsController', 'list')).toBe('itemsList');
    expect(operationIdOf('ApiKeysController', 'remove')).toBe('apiKeysRemove');
  });
});
