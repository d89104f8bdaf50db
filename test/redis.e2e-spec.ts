import { once } from 'node:events';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RedisUnavailableError } from '../src/redis/redis-unavailable.error.js';
import type { RedisService } from '../src/redis/redis.service.js';
import { eventually } from './support/eventually.js';
import { describeWithOwnRedis, startTestRedis, type OwnRedis } from './support/redis.js';
import { createRedisService } from './support/redis-service.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';

const commandTimeoutSeconds = 0.1;

describeWithOwnRedis('RedisService', () => {
  let server: OwnRedis;
  let client: Redis;
  let redis: RedisService;
  let warnings: string[];
  let messages: string[];

  beforeEach(async () => {
    warnings = [];
    messages = [];
    Logger.overrideLogger({
      log: (message: string) => messages.push(message),
      warn: (message: string) => warnings.push(message),
      error: (message: string) => warnings.push(message),
    });
    server = await startTestRedis();
    ({ client, redis } = await createRedisService(server.url, commandTimeoutSeconds));
  });

  afterEach(async () => {
    await redis.onApplicationShutdown();
    await server.stop();
    Logger.overrideLogger(false);
  });

  it('puts the prefix before every key', async () => {
    await redis.connect();
    await redis.run((client) => client.set('greeting', 'hello'));
    expect(await redis.run((client) => client.keys('*'))).toEqual(['test:greeting']);
    expect(messages).toEqual(['Redis is connected']);
  });

  it('runs a script, also after the server forgot it', async () => {
    const double = redis.defineScript<number>('double', 1, `return redis.call('INCRBY', KEYS[1], ARGV[1]) * 2`);
    await redis.connect();
    expect(await double('n', 3)).toBe(6);
    await redis.run((client) => client.call('SCRIPT', 'FLUSH'));
    expect(await double('n', 3)).toBe(12);
    expect(await redis.run((client) => client.get('n'))).toBe('6');
  });

  it('passes on what Redis refuses, without taking it for an outage', async () => {
    await redis.connect();
    await redis.run((client) => client.set('text', 'not a number'));
    await expect(redis.run((client) => client.incr('text'))).rejects.toThrow('not an integer');
    expect(redis.isAvailable).toBe(true);
  });

  it('R14: starts while Redis is away and takes it up when it comes', async () => {
    await server.stop();
    await redis.connect();
    expect(redis.isConfigured).toBe(true);
    expect(await redis.ping()).toBe(false);
    await expect(redis.run((client) => client.get('key'))).rejects.toThrow(RedisUnavailableError);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('ECONNREFUSED');

    await server.restart();
    expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
    expect(await redis.ping()).toBe(true);
  });

  it('R6: when Redis is killed, calls fail at once, one line is logged, and it is back within a second', async () => {
    await redis.connect();
    process.kill(server.pid, 'SIGKILL');
    await eventually(() => !redis.isAvailable);
    await expectRefusedUnsent(redis);

    await server.restart();
    expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
    expect(warnings).toHaveLength(1);
    expect(messages).toEqual(['Redis is connected', expect.stringMatching(/^Redis is back after \d+\.\d s$/)]);
  });

  it('R6: calls in flight when Redis is killed are rejected, not repeated', async () => {
    await redis.connect();
    process.kill(server.pid, 'SIGSTOP');
    const calls = Array.from({ length: 20 }, () => expectUnavailable(redis.run((client) => client.incr('n'))));
    process.kill(server.pid, 'SIGKILL');
    await Promise.all(calls);
    await server.restart();
    await eventually(() => redis.isAvailable);
    expect(await redis.run((client) => client.get('n'))).toBeNull();
  });

  it('R6: when Redis is stopped, one deadline is paid and then none', async () => {
    await redis.connect();
    process.kill(server.pid, 'SIGSTOP');
    const start = performance.now();
    await Promise.all(Array.from({ length: 50 }, () => expectUnavailable(redis.run((client) => client.get('key')))));
    // All pay the same one: in turn they would take five seconds. Its length stands in the line that is logged.
    expect(performance.now() - start).toBeLessThan(1000);
    expect(redis.isAvailable).toBe(false);
    await expectRefusedUnsent(redis);

    process.kill(server.pid, 'SIGCONT');
    expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
    expect(warnings).toEqual(['Redis is away, going on without it: no answer within 100 ms']);
  });

  it('R6: replaces a connection that stays silent, and is back within a second of the end of a long stop', async () => {
    await redis.connect();
    process.kill(server.pid, 'SIGSTOP');
    await expectUnavailable(redis.run((client) => client.get('key')));
    await eventually(() => client.status !== 'ready');

    process.kill(server.pid, 'SIGCONT');
    expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
    expect(await redis.ping()).toBe(true);
  });

  describe('behind a network in trouble', () => {
    let proxy: TcpProxy;

    beforeEach(async () => {
      proxy = await startTcpProxy(Number(new URL(server.url).port));
      ({ client, redis } = await createRedisService(`redis://127.0.0.1:${proxy.port}`, commandTimeoutSeconds));
      await redis.connect();
    });

    afterEach(async () => {
      await redis.onApplicationShutdown();
      await proxy.stop();
    });

    it('R6: uses a slow Redis as long as it answers in time', async () => {
      proxy.delayMs = 20;
      expect(await redis.run((client) => client.ping())).toBe('PONG');
      expect(redis.isAvailable).toBe(true);
    });

    it('R6: goes without a Redis slower than the deadline, and is back within a second of its end', async () => {
      proxy.delayMs = 150;
      await expectUnavailable(redis.run((client) => client.ping()));
      await expectRefusedUnsent(redis);
      proxy.delayMs = 0;
      expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
    });

    it('R6: stays without a slow Redis though it can be reached, and says so once', async () => {
      proxy.delayMs = 150;
      await expectUnavailable(redis.run((client) => client.ping()));
      client.disconnect(true);
      await once(client, 'ready');
      await expectRefusedUnsent(redis);
      expect(warnings).toHaveLength(1);
    });

    it('R6: keeps its connection to a Redis that is only slow', async () => {
      const ping = jest.spyOn(client, 'ping');
      let closings = 0;
      client.on('close', () => (closings += 1));
      proxy.delayMs = 150;
      await expectUnavailable(redis.run((client) => client.ping()));
      await eventually(() => ping.mock.calls.length >= 5);
      expect(closings).toBe(0);
    });

    it('R6: replaces a connection that the network has dropped, within a second', async () => {
      proxy.silence();
      await expectUnavailable(redis.run((client) => client.ping()));
      expect(await eventually(() => redis.isAvailable)).toBeLessThan(1000);
      expect(await redis.ping()).toBe(true);
    });
  });

  it('R6: survives a flapping Redis with one line down and one line up an outage', async () => {
    await redis.connect();
    for (let outage = 0; outage < 5; outage++) {
      process.kill(server.pid, 'SIGKILL');
      await eventually(() => !redis.isAvailable);
      await server.restart();
      await eventually(() => redis.isAvailable);
    }
    expect(warnings).toHaveLength(5);
    expect(messages.filter((message) => message.startsWith('Redis is back'))).toHaveLength(5);
  });

  it('does not take a stall of this process for one of Redis', async () => {
    await redis.connect();
    const answer = redis.run((client) => client.ping());
    const until = performance.now() + 700;
    while (performance.now() < until);
    expect(await answer).toBe('PONG');
    expect(redis.isAvailable).toBe(true);
  });

  it('R6: leaves a server that has become a replica, so that its name can lead to the new primary', async () => {
    await redis.connect();
    await redis.run((client) => client.call('REPLICAOF', '127.0.0.1', '1'));
    await expect(redis.run((client) => client.set('key', 'value'))).rejects.toThrow();
    await eventually(() => !redis.isAvailable);
    await eventually(() => redis.isAvailable);
    await redis.run((client) => client.call('REPLICAOF', 'NO', 'ONE'));
    expect(await redis.run((client) => client.set('key', 'value'))).toBe('OK');
  });

  it.each(['SIGSTOP', 'SIGKILL'] as const)('shuts down at once after a %s of Redis', async (signal) => {
    await redis.connect();
    process.kill(server.pid, signal);
    const start = performance.now();
    await redis.onApplicationShutdown();
    // Without a bound it would wait for good.
    expect(performance.now() - start).toBeLessThan(2000);
    expect(warnings).toEqual([]);
  });
});

async function expectUnavailable(call: Promise<unknown>): Promise<void> {
  await call.then(
    () => expect('resolved').toBe('rejected'),
    (error: unknown) => expect(error).toBeInstanceOf(RedisUnavailableError),
  );
}

async function expectRefusedUnsent(redis: RedisService): Promise<void> {
  let sent = 0;
  for (let call = 0; call < 100; call++) {
    await expectUnavailable(redis.run((client) => (sent++, client.ping())));
  }
  expect(sent).toBe(0);
}
