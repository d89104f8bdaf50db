import { jest } from '@jest/globals';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import type { AppConfig } from '../../config/app-config.js';
import { Identities } from './identities.js';
import type { UsersRepository } from './users.repository.js';

const config = { takes: () => true } as unknown as AppConfig;

/** Users who are all there, and what is asked of them. */
class FakeUsers {
  isSilent = false;
  reads = 0;
  /** How many users each comparison was about. */
  readonly compared: number[] = [];

  findActive(ids: readonly string[]): Promise<AuthenticatedUser[]> {
    this.reads += ids.length;
    return Promise.resolve(ids.map((id) => ({ id, username: id, roles: [] })));
  }

  findOutdated(users: readonly AuthenticatedUser[]): Promise<string[]> {
    this.compared.push(users.length);
    return this.isSilent ? new Promise(() => undefined) : Promise.resolve([]);
  }
}

describe('Identities', () => {
  let users: FakeUsers;
  let identities: Identities;

  beforeEach(() => {
    jest.useFakeTimers();
    users = new FakeUsers();
    identities = new Identities(users as unknown as UsersRepository, config);
    identities.onModuleInit();
  });

  afterEach(() => {
    identities.onApplicationShutdown();
    jest.useRealTimers();
  });

  async function arrive(...ids: string[]): Promise<void> {
    const found = Promise.all(ids.map((id) => identities.find(id)));
    await jest.advanceTimersByTimeAsync(0);
    await found;
  }

  it('reads nobody anew who comes every few seconds', async () => {
    for (let visit = 0; visit < 5; visit++) {
      await arrive('ada');
      await jest.advanceTimersByTimeAsync(4000);
    }
    expect(users.reads).toBe(1);
  });

  it('asks no more for those who stay away', async () => {
    await arrive('ada');
    await jest.advanceTimersByTimeAsync(6000);
    const comparisons = users.compared.length;
    await jest.advanceTimersByTimeAsync(6000);
    expect(users.compared).toHaveLength(comparisons);
    expect(identities.recall('ada')).toBeUndefined();
  });

  it('keeps so many of those who were here, and all who came since', async () => {
    const crowd = Array.from({ length: 3000 }, (_, number) => `user ${number}`);
    await arrive(...crowd);
    await jest.advanceTimersByTimeAsync(450);
    expect(users.compared).toEqual([1000, 1000]);
    for (const id of crowd) identities.recall(id);
    users.compared.length = 0;
    await jest.advanceTimersByTimeAsync(450);
    expect(users.compared).toEqual([1000, 1000, 1000]);
  });

  it('believes nothing that is older than a second', async () => {
    await arrive('ada');
    users.isSilent = true;
    await jest.advanceTimersByTimeAsync(1000);
    expect(identities.recall('ada')).toBeDefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(identities.recall('ada')).toBeUndefined();
  });
});
