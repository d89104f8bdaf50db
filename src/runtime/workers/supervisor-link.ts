import { randomInt } from 'node:crypto';
import type { Server } from 'node:http';
import { join, parse } from 'node:path';
import { AppConfig } from '../../config/app-config.js';
import type { Connections } from '../connections.js';
import type { Shutdown } from '../shutdown.js';
import { Conversation } from './conversation.js';
import type { Order, WorkerNews } from './messages.js';
import type { Snapshot } from './snapshot.js';
import type { WorkerIdentity } from './worker-arguments.js';

const signOfLifeMs = 500;
const countersMs = 1000;
const askTimeoutMs = 3000;

/** The supervisor, as a worker sees it: it is told how things are, and says when to end. */
export class SupervisorLink {
  /** Whether another worker has taken over. */
  hasSuccessor = false;
  private readonly conversation = new Conversation((message) => void this.send(message));
  private shutdown?: Shutdown;
  private connections?: Connections;
  private readCounters: () => Promise<Snapshot> = () => Promise.resolve([]);

  constructor(readonly identity: WorkerIdentity) {
    // A terminal sends these to all processes at once; the supervisor alone heeds them.
    for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
    process.on('message', (message: Order) => this.hear(message));
    process.once('disconnect', () => this.shutdown?.hasten(1));
    this.giveSign();
    setInterval(() => this.giveSign(), signOfLifeMs).unref();
  }

  /** Ends the process when the supervisor says so, or is gone: then at once, for the sake of its successor. */
  obey(shutdown: Shutdown): void {
    this.shutdown = shutdown;
    shutdown.whenBegun(() => this.tell({ type: 'leaving' }));
  }

  tell(news: WorkerNews): void {
    void this.send(news);
  }

  /** Resolves once the supervisor has been told why this worker can't start. */
  async fail(reason: string): Promise<void> {
    await this.send({ type: 'failed', reason } satisfies WorkerNews);
  }

  /** Asks the supervisor. @throws Error when it does not answer in time */
  ask<T>(about: string): Promise<T> {
    return this.conversation.ask<T>(about, askTimeoutMs);
  }

  /** Tells what to answer when the supervisor asks. */
  answer(about: string, reply: () => Promise<unknown>): void {
    this.conversation.answer(about, reply);
  }

  /** The settings of this worker: several processes can't rotate one log file, so each has its own. */
  ownConfig(config: AppConfig): AppConfig {
    if (config.logFile === undefined) return config;
    const { dir, name, ext } = parse(config.logFile);
    return new AppConfig({ ...config, logFile: join(dir, `${name}.worker-${this.identity.number}${ext}`) });
  }

  /** Lets the supervisor spread the connections over all workers. */
  shareConnections(connections: Connections): void {
    this.connections = connections;
  }

  /** Hands the counters over every second, so that a death costs no more than the last of them. */
  shareCounters(read: () => Promise<Snapshot>): void {
    this.readCounters = read;
    setInterval(() => void this.handOverCounters(), countersMs).unref();
  }

  /** Resolves once they are on their way. */
  async handOverCounters(): Promise<void> {
    await this.send({ type: 'counters', counters: await this.readCounters() } satisfies WorkerNews);
  }

  /** Asks to be replaced after MAX_REQUESTS answers, and up to MAX_REQUESTS_JITTER more. */
  wearOut(server: Server, { maxRequests, maxRequestsJitter }: AppConfig): void {
    if (maxRequests === 0) return;
    let left = maxRequests + randomInt(maxRequestsJitter + 1);
    server.on('request', (_request, response) =>
      response.once('close', () => {
        if (--left === 0) this.tell({ type: 'worn' });
      }),
    );
  }

  private giveSign(): void {
    this.tell({ type: 'alive', connections: this.connections?.size ?? 0 });
  }

  private hear(message: Order): void {
    if (this.conversation.take(message)) return;
    switch (message.type) {
      case 'drain':
        void this.shutdown?.run(0);
        return;
      case 'retire':
        this.hasSuccessor = true;
        void this.shutdown?.run(0);
        return;
      case 'giveAway':
        this.connections?.closeSome(message.connections);
        return;
      case 'hurry':
        this.shutdown?.hasten();
        return;
      default:
        message satisfies never;
    }
  }

  private send(message: object): Promise<void> {
    // A supervisor that is gone is noticed elsewhere.
    if (!process.connected) return Promise.resolve();
    return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  }
}
