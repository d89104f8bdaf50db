import { Pool, type PoolClient, type QueryArrayConfig, type QueryArrayResult } from 'pg';
import { currentContext, type RequestContext } from '../common/context/request-context.js';
import { outOfTime, timeLeftMs, type BoundedClient, type BoundedPoolConfig } from './bounded-client.js';
import { isBrokenConnection, isConflict } from './transient.js';
import { reasonOf } from './unreachable.js';

type Checkout = (error: Error | undefined, client: PoolClient | undefined, release: (error?: unknown) => void) => void;

/** A statement that ends by itself so soon is not worth a connection to cancel it. */
const cancelAfterMs = 100;

/** No connection could be had: the database is away or full, or all connections are taken. */
export class ConnectionUnavailable extends Error {
  constructor(cause: Error) {
    super(reasonOf(cause), { cause });
    this.name = 'ConnectionUnavailable';
  }
}

/**
 * node-postgres' pool with what it lacks: all that one request waits for, for connections and answers together, ends within
 * one connect timeout and one query timeout; a connection that broke, stayed silent or has a transaction open is destroyed,
 * never lent again; and what nobody waits for any more is cancelled.
 */
export class BoundedPool extends Pool {
  private readonly clients = new Set<BoundedClient>();

  constructor(config?: BoundedPoolConfig) {
    super(config);
    this.on('connect', (client) => this.clients.add(client as unknown as BoundedClient));
    this.on('remove', (client) => this.clients.delete(client as unknown as BoundedClient));
    this.on('release', (_error, client) => {
      const status = client.getTransactionStatus();
      if (status === 'T' || status === 'E') void (client as unknown as BoundedClient).end();
    });
  }

  /** The form that TypeORM uses: it hands a callback over. @throws ConnectionUnavailable, through the callback */
  override connect(checkout?: Checkout): never {
    if (!checkout) return super.connect() as never;
    const context = currentContext();
    const refusal = this.refusalOf(context);
    if (refusal) {
      checkout(refusal, undefined, () => undefined);
      return undefined as never;
    }
    return super.connect((error, client, release) => {
      const late = error ? new ConnectionUnavailable(error) : this.refusalOf(context);
      if (late && client) release();
      checkout(late, late ? undefined : client, release);
    }) as never;
  }

  /**
   * One statement on whichever connection is free. A read whose connection turns out to be dead, and a statement that the
   * server has undone for the sake of others (40001, 40P01), is tried once more.
   */
  run(query: QueryArrayConfig): Promise<QueryArrayResult> {
    return this.runOnce(query).catch((error: unknown) => {
      if (isConflict(error) || (isBrokenConnection(error) && isRead(query))) return this.runOnce(query);
      throw error;
    });
  }

  /** Opens as many connections as are kept, so that the first requests don't wait for them. */
  async fill(): Promise<void> {
    const wanted = Array.from({ length: this.options.min ?? 0 }, () => super.connect());
    for (const opened of await Promise.allSettled(wanted)) {
      if (opened.status === 'fulfilled') opened.value.release();
    }
  }

  /** Stops what runs for a request that was abandoned, unless it must be finished. */
  cancelWorkOf(context: RequestContext): void {
    if (!context.isCancellable) return;
    setTimeout(() => {
      if (context.isCancellable) for (const client of this.clients) client.cancelWorkOf(context);
    }, cancelAfterMs).unref();
  }

  private runOnce(query: QueryArrayConfig): Promise<QueryArrayResult> {
    return new Promise((resolve, reject) => {
      this.connect((error, client, release) => {
        if (error || !client) {
          reject(error ?? new Error('No connection'));
          return;
        }
        client.query(query).then(resolve, reject).finally(release);
      });
    });
  }

  private refusalOf(context: RequestContext | undefined): ConnectionUnavailable | undefined {
    if (!context) return undefined;
    const isOver = context.isCancellable || timeLeftMs(this.options as never, context) <= 0;
    return isOver ? new ConnectionUnavailable(new Error(outOfTime)) : undefined;
  }
}

function isRead({ text }: QueryArrayConfig): boolean {
  return text.startsWith('SELECT ');
}
