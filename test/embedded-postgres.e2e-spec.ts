import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../src/database/embedded/embedded-postgres.js';
import { parsePidFile } from '../src/database/embedded/postmaster.js';
import { EmbeddedOwner } from './support/embedded-owner.js';
import { eventually } from './support/eventually.js';
import { copyProduct, postgresPackage } from './support/product-copy.js';

const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

describe('The embedded PostgreSQL', () => {
  let parent: string;
  let dataDir: string;
  /** A copy that any user can reach. */
  let installed: { project: string; execPath: string };

  beforeAll(async () => {
    parent = await realpath(await mkdtemp(join(tmpdir(), 'mainstay-embedded-')));
    dataDir = join(parent, 'data');
    await chmod(parent, 0o755);
    installed = await copyProduct(join(parent, 'installed'), ['pg', postgresPackage]);
  });
  afterEach(() => EmbeddedOwner.killAll());
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it('is set up at the first start: UTF-8, durable, on the loopback only', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    try {
      expect(await query(server.url, 'SHOW server_encoding')).toBe('UTF8');
      expect(await query(server.url, `SELECT datlocale FROM pg_database WHERE datname = current_database()`)).toBe(
        'C.UTF-8',
      );
      expect(await query(server.url, 'SHOW fsync')).toBe('on');
      expect(await query(server.url, 'SHOW synchronous_commit')).toBe('on');
      expect(await query(server.url, 'SHOW data_checksums')).toBe('on');
      expect(await query(server.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
      const other = Object.values(networkInterfaces())
        .flat()
        .find((address) => address?.family === 'IPv4' && !address.internal);
      if (other) {
        const elsewhere = Object.assign(new URL(server.url), { hostname: other.address }).href;
        await expect(query(elsewhere, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      }
    } finally {
      await server.stop();
    }
  });

  it('gives a role that owns its database and may create others, but is no superuser', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    try {
      const role = 'SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user';
      expect(await rows(server.url, role)).toEqual([{ rolsuper: false, rolcreatedb: true, rolcreaterole: false }]);
      await query(server.url, 'CREATE DATABASE another');
      await query(server.url, 'DROP DATABASE another WITH (FORCE)');
    } finally {
      await server.stop();
    }
  });

  it('asks for the password, which only the owner can read', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    try {
      const wrong = Object.assign(new URL(server.url), { password: 'guess' }).href;
      await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
      const superuser = Object.assign(new URL(server.url), { username: 'postgres' }).href;
      await expect(query(superuser, 'SELECT 1')).rejects.toMatchObject({ code: '28000' });
      const { mode } = await stat(join(dataDir, 'postgres/mainstay-password'));
      expect(mode & 0o777).toBe(0o600);
    } finally {
      await server.stop();
    }
  });

  it('keeps the data over a restart', async () => {
    const first = await EmbeddedOwner.start(dataDir);
    await query(first.url, `CREATE TABLE kept AS SELECT 'over a restart' AS note`);
    await first.stop();
    expect(await runningPid(dataDir)).toBeUndefined();

    const second = await EmbeddedOwner.start(dataDir);
    expect(await query(second.url, 'SELECT note FROM kept')).toBe('over a restart');
    await second.stop();
  });

  it('takes over the server of a process that was killed, and stops it', async () => {
    const killed = await EmbeddedOwner.start(dataDir);
    const pid = await runningPid(dataDir);
    await killed.kill();

    const next = await EmbeddedOwner.start(dataDir);
    expect(await runningPid(dataDir)).toBe(pid);
    expect(next.url).toBe(killed.url);
    await next.stop();
    expect(await runningPid(dataDir)).toBeUndefined();
  });

  it('recovers what was committed after kill -9 of process and server', async () => {
    const killed = await EmbeddedOwner.start(dataDir);
    await query(killed.url, `CREATE TABLE committed AS SELECT 'before the kill' AS note`);
    process.kill((await runningPid(dataDir)) ?? 0, 'SIGKILL');
    await killed.kill();

    const next = await EmbeddedOwner.start(dataDir);
    expect(await query(next.url, 'SELECT note FROM committed')).toBe('before the kill');
    await next.stop();
  });

  it.each(['the one that started it', 'the one that joined it'])('goes on when %s leaves first', async (who) => {
    const starter = await EmbeddedOwner.start(dataDir);
    const joiner = await EmbeddedOwner.start(dataDir);
    const [first, last] = who.includes('started') ? [starter, joiner] : [joiner, starter];
    await first.stop();
    expect(await query(last.url, 'SELECT 1')).toBe(1);
    await last.stop();
    expect(await runningPid(dataDir)).toBeUndefined();
  });

  it('stops when all who use it leave at the same moment', async () => {
    const users = await Promise.all([1, 2, 3, 4].map(() => startEmbeddedPostgres({ dataDir, unsafeFast: true })));
    expect(new Set(users.map((user) => user.url)).size).toBe(1);
    await Promise.all(users.map((user) => user.stop()));
    expect(await runningPid(dataDir)).toBeUndefined();
  });

  it('goes on while the process drains after Ctrl-C', async () => {
    const owner = await EmbeddedOwner.start(dataDir);
    await owner.interrupt();
    expect(await query(owner.url, 'SELECT 1')).toBe(1);
    await owner.stop();
  });

  it('is not misled by a pid file that names another living process', async () => {
    const stale = [process.pid, join(dataDir, 'postgres'), 1_700_000_000, 1, '', '127.0.0.1', '', 'ready   ', ''];
    await writeFile(join(dataDir, 'postgres/postmaster.pid'), stale.join('\n'));
    const owner = await EmbeddedOwner.start(dataDir);
    expect(await runningPid(dataDir)).not.toBe(process.pid);
    await owner.stop();
  });

  it('does not mistake the server of the folder that it was copied from for its own', async () => {
    const original = await EmbeddedOwner.start(dataDir);
    await cp(dataDir, join(parent, 'copy'), { recursive: true });
    const copy = await EmbeddedOwner.start(join(parent, 'copy'));
    expect(copy.url).not.toBe(original.url);
    await copy.stop();
    await original.stop();
  });

  it('says what PostgreSQL says when the cluster is of another version', async () => {
    const version = join(dataDir, 'postgres/PG_VERSION');
    const installed = await readFile(version);
    await writeFile(version, '9.6\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/initialized by PostgreSQL version 9.6/);
    await writeFile(version, installed);
  });

  it('is set up once when two processes start at once for the first time', async () => {
    const fresh = join(parent, 'two');
    const [one, two] = await Promise.all([EmbeddedOwner.start(fresh), EmbeddedOwner.start(fresh)]);
    expect(one.url).toBe(two.url);
    await Promise.all([one.stop(), two.stop()]);
    expect(await runningPid(fresh)).toBeUndefined();
    expect(await readdir(fresh)).toEqual(['postgres', 'postgres.log']);
  });

  it('is set up anew when the first start was killed half way', async () => {
    const fresh = join(parent, 'interrupted');
    const killed = EmbeddedOwner.spawn(fresh);
    const exited = once(killed, 'exit');
    // initdb writes this file early on.
    const isUnderWay = (): boolean =>
      existsSync(fresh) && readdirSync(fresh).some((name) => existsSync(join(fresh, name, 'PG_VERSION')));
    await eventually(isUnderWay);
    killed.kill('SIGKILL');
    await exited;
    expect(existsSync(join(fresh, 'postgres'))).toBe(false);

    const next = await EmbeddedOwner.start(fresh);
    expect(await query(next.url, 'SELECT 1')).toBe(1);
    await next.stop();
  });

  it('says what to do when its package is not installed', async () => {
    const options = await copyProduct(join(parent, 'without'), ['pg']);
    await expect(EmbeddedOwner.start(join(parent, 'unused'), options)).rejects.toThrow(/Set DATABASE_URL .*`npm ci`/);
  });

  it('restores the links of its package that an install without scripts leaves out', async () => {
    const owner = await EmbeddedOwner.start(join(parent, 'linked'), installed);
    expect(await query(owner.url, 'SELECT 1')).toBe(1);
    await owner.stop();
  });

  const describeAsRoot = isRoot ? describe : describe.skip;
  describeAsRoot('where root and ordinary users share a machine', () => {
    it('works for root when project and data lie in a folder that nobody else may enter', async () => {
      const closed = join(parent, 'closed');
      await mkdir(closed, { mode: 0o700 });
      await rename(installed.project, join(closed, 'project'));
      const there = { project: join(closed, 'project'), execPath: join(closed, 'project/node') };
      const owner = await EmbeddedOwner.start(join(closed, 'data'), there);
      expect(await query(owner.url, 'SELECT 1')).toBe(1);
      await owner.stop();
      await rename(there.project, installed.project);
    });

    it("works for an ordinary user, also after root has used that user's folder", async () => {
      const home = join(parent, 'home');
      await mkdir(home);
      await chown(home, nobody, nobody);
      const byRoot = await EmbeddedOwner.start(home);
      await query(byRoot.url, `CREATE TABLE written AS SELECT 'by root' AS note`);
      await byRoot.stop();

      const byUser = await EmbeddedOwner.start(home, { ...installed, uid: nobody });
      expect(await query(byUser.url, 'SELECT note FROM written')).toBe('by root');
      await byUser.stop();
    });

    it('names the folder when an ordinary user starts what root has set up', async () => {
      await expect(EmbeddedOwner.start(dataDir, { ...installed, uid: nobody })).rejects.toThrow(
        `The data folder ${dataDir} belongs to another user`,
      );
    });

    it('hands over a cluster that root has copied', async () => {
      const copy = join(parent, 'copied-by-root');
      await cp(dataDir, copy, { recursive: true });
      expect((await stat(join(copy, 'postgres'))).uid).toBe(0);
      const owner = await EmbeddedOwner.start(copy);
      expect(await query(owner.url, 'SELECT note FROM kept')).toBe('over a restart');
      await owner.stop();
    });
  });
});

/** The number of the server that runs in the folder. */
async function runningPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
  return parsePidFile(text)?.pid;
}

async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // The server may be killed while this is connected.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The first value that the statement answers. */
async function query(url: string, sql: string): Promise<unknown> {
  const [row = {}] = await rows(url, sql);
  return Object.values(row)[0];
}
