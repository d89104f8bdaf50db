import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Conversation } from './conversation.js';
import type { Order, WorkerNews } from './messages.js';
import type { Snapshot } from './snapshot.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Events {
  listening: [];
  serving: [addresses: string];
  worn: [];
  leaving: [];
  /** The process is gone. */
  exit: [Ending];
  /** And all that it said has been read. */
  end: [];
}

/** A worker, as its supervisor sees it. */
export class WorkerProcess extends EventEmitter<Events> {
  /** When it last gave a sign of life, by performance.now(). */
  lastSignAt = performance.now();
  listeningSince?: number;
  /** How many clients are connected to it. */
  connections = 0;
  isServing = false;
  isLeaving = false;
  hasExited = false;
  /** Whether it was killed since it gave no sign of life. */
  isHung = false;
  /** Why it could not start, in its own words. */
  failure?: string;
  /** Its counters as they were told last. */
  counters: Snapshot = [];
  readonly conversation = new Conversation((message) => this.send(message));
  /** Whether it came to serve; false when it ended before. */
  readonly settled: Promise<boolean>;
  readonly exited: Promise<unknown>;
  private hasSpoken = false;
  private deadline?: NodeJS.Timeout;

  constructor(
    private readonly child: ChildProcess,
    /** The lowest number that no other worker has. */
    readonly number: number,
  ) {
    super();
    this.exited = once(this, 'exit');
    this.settled = Promise.race([once(this, 'serving').then(() => true), this.exited.then(() => false)]);
    child.on('message', (message: WorkerNews) => this.hear(message));
    child.once('exit', (code, signal) => this.bury({ code, signal }));
    // There is no exit of what could not be started; of others, an error tells of a message that did not get through.
    child.on('error', () => child.pid === undefined && this.bury({ code: null, signal: null }));
    void Promise.all([this.exited, child.pid === undefined || once(child, 'disconnect')]).then(() => this.emit('end'));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Whether it counts among those that serve or soon will. */
  get isPresent(): boolean {
    return !this.hasExited && !this.isLeaving;
  }

  /** Ends it gracefully, and with force when that takes longer than `seconds`. */
  end(order: 'drain' | 'retire', seconds: number): void {
    if (this.hasExited) return;
    this.leave();
    // One that has not come so far as to listen to orders has nothing to drain.
    if (this.hasSpoken) this.order({ type: order });
    else this.child.kill('SIGTERM');
    this.deadline ??= setTimeout(() => this.kill(), seconds * 1000);
  }

  hurry(): void {
    this.order({ type: 'hurry' });
  }

  /** Has it send so many clients away after their next answers; they connect anew, to whoever is free. */
  giveAway(connections: number): void {
    this.order({ type: 'giveAway', connections });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private hear(news: WorkerNews): void {
    this.lastSignAt = performance.now();
    this.hasSpoken = true;
    if (this.conversation.take(news)) return;
    switch (news.type) {
      case 'alive':
        this.connections = news.connections;
        return;
      case 'listening':
        this.listeningSince = performance.now();
        this.emit('listening');
        return;
      case 'serving':
        this.isServing = true;
        this.emit('serving', news.addresses);
        return;
      case 'failed':
        this.failure = news.reason;
        return;
      case 'counters':
        this.counters = news.counters;
        return;
      case 'worn':
        this.emit('worn');
        return;
      case 'leaving':
        // One that does not get so far as to serve is counted when it has ended.
        if (this.isServing) this.leave();
        return;
      default:
        news satisfies never;
    }
  }

  private leave(): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    this.emit('leaving');
  }

  private bury(ending: Ending): void {
    if (this.hasExited) return;
    this.hasExited = true;
    clearTimeout(this.deadline);
    this.conversation.giveUp();
    this.emit('exit', ending);
  }

  private order(order: Order): void {
    this.send(order);
  }

  private send(message: object): void {
    // Nobody waits for what a dying process did not hear.
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
