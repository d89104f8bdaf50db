import { Socket } from 'node:net';
import { Client } from 'pg';

// The key of the advisory lock by which the processes that use a server know of each other; any fixed number does.
const lockKey = 7_305_809_341_122;

interface Session {
  readonly client: Client;
  readonly socket: Socket;
}

/**
 * One process's use of a server: a session that shares an advisory lock. PostgreSQL ends the session when the process
 * dies, however it dies, so there is nothing to clean up and no process number to mistake.
 */
export class Claim {
  private constructor(
    private readonly url: string,
    private readonly session: Session,
  ) {}

  /**
   * Claims the server, so that no other process stops it.
   * @returns undefined when the last of the others is stopping it at this moment
   * @throws Error when the server can't be reached
   */
  static async take(url: string): Promise<Claim | undefined> {
    const session = await connect(url);
    if (await ask(session, 'pg_try_advisory_lock_shared')) {
      // A process that forgets to stop ends all the same; its server is found at the next start.
      session.socket.unref();
      return new Claim(url, session);
    }
    await session.client.end();
    return undefined;
  }

  /**
   * Gives the claim up. When no other process has one, calls `stop` while nobody can make a new one.
   * @returns whether `stop` was called
   */
  async release(stop: () => Promise<void>): Promise<boolean> {
    const session = await this.liveSession();
    if (!session) return false;
    try {
      const isLast = await giveUp(session);
      if (isLast) await stop();
      return isLast;
    } finally {
      await session.client.end().catch(() => undefined);
    }
  }

  /** The session, opened anew when the server dropped it: a crash of one of its processes ends all sessions. */
  private async liveSession(): Promise<Session | undefined> {
    this.session.socket.ref();
    try {
      await this.session.client.query('SELECT 1');
      return this.session;
    } catch {
      return connect(this.url).catch(() => undefined);
    }
  }
}

/** Whether nobody else has a claim; the lock is then held alone, so that nobody gets one. */
async function giveUp(session: Session): Promise<boolean> {
  try {
    // First give up, then try: of two that leave at once, the second finds the lock free.
    await ask(session, 'pg_advisory_unlock_shared');
    return await ask(session, 'pg_try_advisory_lock');
  } catch {
    // Another that leaves at this moment was the last, and its stop has ended this session.
    return false;
  }
}

async function connect(url: string): Promise<Session> {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    stream: () => socket,
    application_name: 'embedded server claim',
    connectionTimeoutMillis: 2000,
    query_timeout: 5000,
  });
  // The server may go first; then the next query tells.
  client.on('error', () => undefined);
  await client.connect();
  return { client, socket };
}

async function ask({ client }: Session, lockFunction: string): Promise<boolean> {
  const { rows } = await client.query<{ answer: boolean }>(`SELECT ${lockFunction}($1) AS answer`, [lockKey]);
  return rows[0]?.answer ?? false;
}
