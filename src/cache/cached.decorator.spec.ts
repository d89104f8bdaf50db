import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { register } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { AppConfigModule } from '../config/config.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { CacheModule } from './cache.module.js';
import { CacheService } from './cache.service.js';
import { Cached } from './cached.decorator.js';

@Injectable()
class ProfilesService {
  calls: string[] = [];

  @Cached()
  getProfile(userId: string, detail?: { full: boolean }): Promise<string> {
    this.calls.push(userId);
    return Promise.resolve(`profile of ${userId}${detail?.full ? ' in full' : ''}`);
  }

  @Cached({ ttlSeconds: 60, key: (user: { id: string }) => user.id })
  countItems(user: { id: string; seenAt: number }): Promise<number> {
    this.calls.push(user.id);
    return Promise.resolve(user.seenAt);
  }

  list(): Promise<string[]> {
    return Promise.resolve(this.calls);
  }
}

@Injectable()
class AccountsService {
  @Cached()
  getProfile(userId: string): Promise<string> {
    return Promise.resolve(`account of ${userId}`);
  }
}

/** A module in its own right: the cache must reach it without being imported. */
@Module({ providers: [ProfilesService, AccountsService], exports: [ProfilesService, AccountsService] })
class FeatureModule {}

describe('@Cached', () => {
  let profiles: ProfilesService;
  let accounts: AccountsService;
  let cache: CacheService;

  beforeEach(async () => {
    register.clear();
    const config = new AppConfig({ appName: 'Test' } as AppConfig);
    const module = await Test.createTestingModule({
      imports: [AppConfigModule.forRoot(config), RedisModule, CacheModule, FeatureModule],
    }).compile();
    profiles = module.get(ProfilesService);
    accounts = module.get(AccountsService);
    cache = module.get(CacheService);
  });

  it('answers the same arguments from the cache', async () => {
    expect(await profiles.getProfile('alice')).toBe('profile of alice');
    expect(await profiles.getProfile('alice')).toBe('profile of alice');
    expect(profiles.calls).toEqual(['alice']);
  });

  it("gives no user another's answer, nor another class or method its own", async () => {
    expect(await profiles.getProfile('alice')).toBe('profile of alice');
    expect(await profiles.getProfile('bob')).toBe('profile of bob');
    expect(await profiles.getProfile('alice', { full: true })).toBe('profile of alice in full');
    expect(await accounts.getProfile('alice')).toBe('account of alice');
    expect(await profiles.countItems({ id: 'alice', seenAt: 1 })).toBe(1);
  });

  it('takes a key of its own in place of the arguments', async () => {
    expect(await profiles.countItems({ id: 'alice', seenAt: 1 })).toBe(1);
    expect(await profiles.countItems({ id: 'alice', seenAt: 2 })).toBe(1);
    expect(await profiles.countItems({ id: 'bob', seenAt: 3 })).toBe(3);
  });

  it('forgets one answer when told', async () => {
    await profiles.getProfile('alice');
    await profiles.getProfile('bob');
    await cache.invalidate(ProfilesService, 'getProfile', 'alice');
    await profiles.getProfile('alice');
    await profiles.getProfile('bob');
    expect(profiles.calls).toEqual(['alice', 'bob', 'alice']);

    await profiles.countItems({ id: 'carol', seenAt: 1 });
    await cache.invalidate(ProfilesService, 'countItems', { id: 'carol', seenAt: 9 });
    expect(await profiles.countItems({ id: 'carol', seenAt: 2 })).toBe(2);
  });

  it('refuses to invalidate a method that is not cached', async () => {
    await expect(cache.invalidate(ProfilesService, 'list')).rejects.toThrow('not cached');
  });

  it('keeps the name of the method', () => expect(profiles.getProfile.name).toBe('getProfile'));

  it('calls the method of a service that was made by hand', async () => {
    const byHand = new ProfilesService();
    await byHand.getProfile('alice');
    await byHand.getProfile('alice');
    expect(byHand.calls).toEqual(['alice', 'alice']);
  });
});
