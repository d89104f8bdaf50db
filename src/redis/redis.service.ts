import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { AppConfig } from '../config/app-config.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { DeadlineError, withDeadline } from './deadline.js';
import { REDIS_CLIENT } from './redis-client.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';

const connectTimeoutMs = 500;
const probeIntervalMs = 200;
/** So many probes in a row without an answer mean that the connection itself is dead. */
const silentProbesBeforeReconnect = 2;
const closed = new Error('the connection was closed');

/** Runs a script registered by `defineScript`: first its keys, then its arguments. */
export type RedisScript<T> = (...keysAndArguments: (string | number)[]) => Promise<T>;

/**
 * The one connection to Redis. Redis is never critical: callers must have something to do while it is away.
 * A call costs at most REDIS_COMMAND_TIMEOUT; the first that gets no answer opens a circuit breaker, and then calls
 * fail at once until Redis answers in time again. Without REDIS_URL it is never available.
 */
@Injectable()
export class RedisService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(RedisService.name);
  private readonly breaker: CircuitBreaker;
  private readonly commandTimeoutMs: number;
  private readonly recoveryListeners: (() => void)[] = [];
  private lastError = closed;
  private silentProbes = 0;

  constructor(
    @Inject(REDIS_CLIENT) private readonly client: Redis | undefined,
    config: AppConfig,
  ) {
    this.commandTimeoutMs = config.redisCommandTimeout * 1000;
    this.breaker = new CircuitBreaker({
      probeIntervalMs,
      probe: () => this.probe(),
      onOpen: (reason) => this.logger.warn(`Redis is away, going on without it: ${describe(reason)}`),
      onClose: (openMs) => {
        this.logger.log(`Redis is back after ${(openMs / 1000).toFixed(1)} s`);
        for (const listener of this.recoveryListeners) listener();
      },
    });
    client?.on('error', (error: Error) => (this.lastError = error));
    client?.on('close', () => this.breaker.open(this.lastError));
    client?.on('ready', () => {
      this.lastError = closed;
      this.silentProbes = 0;
      this.breaker.probe();
    });
  }

  /** Whether REDIS_URL is set. */
  get isConfigured(): boolean {
    return this.client !== undefined;
  }

  /** Whether a call has a chance now. */
  get isAvailable(): boolean {
    return this.client?.status === 'ready' && !this.breaker.isOpen;
  }

  async onModuleInit(): Promise<void> {
    await this.connect();
  }

  /** Connects, or after half a second goes on trying in the background. Never throws. */
  async connect(): Promise<void> {
    if (this.client?.status !== 'wait') return;
    try {
      await withDeadline(this.client.connect(), connectTimeoutMs);
      this.logger.log('Redis is connected');
    } catch (error) {
      this.breaker.open(error as Error);
    }
  }

  /**
   * Runs commands on the client, with one deadline for all of them together.
   * A command that timed out may still run later: use only what is safe to repeat.
   * @throws RedisUnavailableError at once while Redis is away, or when it gives no answer
   * @throws ReplyError (ioredis) when Redis refuses the command
   */
  async run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    if (!this.client || !this.isAvailable) throw new RedisUnavailableError();
    try {
      return await withDeadline(command(this.client), this.commandTimeoutMs);
    } catch (error) {
      if ((error as Error).name === 'ReplyError') throw error;
      if (error instanceof DeadlineError) this.breaker.open(error);
      throw new RedisUnavailableError(error);
    }
  }

  /**
   * Registers a Lua script under a name; the returned function runs it by its hash, and sends the text only to a
   * server that doesn't know it. It throws as `run` does.
   */
  defineScript<T>(name: string, keyCount: number, lua: string): RedisScript<T> {
    this.client?.defineCommand(name, { numberOfKeys: keyCount, lua });
    return (...keysAndArguments) =>
      this.run((client) => (client as unknown as Record<string, RedisScript<T>>)[name]!(...keysAndArguments));
  }

  /** Calls `listener` each time that Redis is back after an outage. */
  onRecovery(listener: () => void): void {
    this.recoveryListeners.push(listener);
  }

  /** Whether Redis answers in time. */
  async ping(): Promise<boolean> {
    return this.run((client) => client.ping()).then(
      () => true,
      () => false,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.breaker.stop();
    const said =
      this.client?.status === 'ready' &&
      (await withDeadline(this.client.quit(), this.commandTimeoutMs).catch(() => false));
    if (!said) this.client?.disconnect();
  }

  private async probe(): Promise<void> {
    if (this.client?.status !== 'ready') throw this.lastError;
    // A late answer is a sign that Redis is slow and the connection good.
    const ping = this.client.ping().then(() => (this.silentProbes = 0));
    try {
      await withDeadline(ping, this.commandTimeoutMs);
    } catch (error) {
      this.silentProbes += 1;
      if (this.silentProbes % silentProbesBeforeReconnect === 0) this.client.disconnect(true);
      throw error;
    }
  }
}

/** Node leaves the message empty when several addresses of a name refuse the connection. */
function describe(error: NodeJS.ErrnoException): string {
  return error.message || (error.code ?? error.name);
}
