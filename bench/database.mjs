import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import pg from 'pg';
import { importBuilt } from './built.mjs';

/** @typedef {typeof import('../src/database/embedded/embedded-postgres.js')} Embedded */

/** A PostgreSQL server for one run, with a data folder of its own that is gone afterwards. */
export class DatabaseServer {
  #server;
  #dataDir;

  /** @param {string} dataDir emptied before use */
  static async start(dataDir) {
    await rm(dataDir, { recursive: true, force: true });
    const built = await importBuilt('database/embedded/embedded-postgres.js');
    const { startEmbeddedPostgres } = /** @type {Embedded} */ (built);
    // The disk must not set the pace of a CPU measurement.
    const server = await startEmbeddedPostgres({ dataDir: resolve(dataDir), unsafeFast: true });
    return new DatabaseServer(server, dataDir);
  }

  /**
   * @param {import('../src/database/embedded/embedded-postgres.js').EmbeddedPostgres} server
   * @param {string} dataDir
   */
  constructor(server, dataDir) {
    this.#server = server;
    this.#dataDir = dataDir;
  }

  /**
   * @param {string} name
   * @returns {Promise<string>} its URL
   */
  async createDatabase(name) {
    await withClient(this.#server.url, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
    const url = new URL(this.#server.url);
    url.pathname = name;
    return url.href;
  }

  async stop() {
    await this.#server.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
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
