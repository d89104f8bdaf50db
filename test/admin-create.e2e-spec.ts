import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createUser, newRegistration, password, signIn } from './factories/user.factory.js';
import type { AuditEvent, Page, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import { createEmptyDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { killProducts, runCommand, type Finished } from './support/server-process.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});

afterAll(() => app.close());
afterEach(killProducts);

function create(
  { username, email }: { username: string; email: string },
  input = `${password}\n`,
  settings: Record<string, string> = {},
): Promise<Finished> {
  const args = ['--email', email, '--username', username];
  return runCommand('admin-create', args, { DATABASE_URL: app.databaseUrl, LOG_PRETTY: 'false', ...settings }, input);
}

const countUsers = async () => (await app.sql<{ count: string }>('SELECT count(*) FROM users'))[0]?.count;

describe('admin-create', () => {
  it('creates a user and administrator with the password of standard input, and remembers it in the audit log', async () => {
    const { username, email } = newRegistration();
    const { code, stdout, stderr } = await create({ username, email });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Created the administrator ${username} \\([0-9a-f-]{36}\\)\\n$`));

    const client = app.client.with({ token: await signIn(app, username) });
    const me = await client.get<User>('/api/v1/users/me');
    expect(me.body).toMatchObject({ username, email, roles: ['user', 'admin'] });
    const events = await client.get<Page<AuditEvent>>('/api/v1/audit-events');
    expect(events.body.data).toContainEqual(
      expect.objectContaining({
        type: 'user.registered',
        subjectId: me.body.id,
        actorId: null,
        details: { roles: ['user', 'admin'] },
      }),
    );
  });

  it('takes the first line only, with or without an end', async () => {
    const first = newRegistration();
    expect((await create(first, `${password}\r\nsomething else\n`)).code).toBe(0);
    await signIn(app, first.username);
    const second = newRegistration();
    expect((await create(second, password)).code).toBe(0);
    await signIn(app, second.username);
  });

  it('lists every fault of what it was given, and creates nothing', async () => {
    const before = await countUsers();
    const { code, stdout, stderr } = await create({ username: 'a!', email: 'nobody' }, 'xqzvw\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([
      'The administrator was not created:',
      '  - username must have 3 to 50 letters, digits or underscores',
      '  - email must be an email',
      '  - password must have 8 to 128 characters',
      '  - password must have an upper case letter',
      '  - password must have a digit',
      '  - password must have a special character',
    ]);
    expect(await countUsers()).toBe(before);
  });

  it('keeps to PASSWORD_POLICY', async () => {
    const settings = { PASSWORD_POLICY: 'nist' };
    const refused = await create(newRegistration(), 'Quiet-7-Harbor\n', settings);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('must have 15 to 128 characters') });
    expect(await create(newRegistration(), 'quiet harbour lantern\n', settings)).toMatchObject({ code: 0 });
  });

  it('refuses a username or an address that is taken, in another case too', async () => {
    const { username, email } = await createUser(app);
    const fresh = newRegistration();
    expect(await create({ ...fresh, username: username.toUpperCase() })).toMatchObject({
      code: 1,
      stderr: 'The administrator was not created:\n  - This username is taken.\n',
    });
    expect(await create({ ...fresh, email: email.toUpperCase() })).toMatchObject({
      code: 1,
      stderr: 'The administrator was not created:\n  - This email is taken.\n',
    });
  });

  it('migrates an empty database first, where DATABASE_MIGRATE_ON_START says so', async () => {
    const database = await createEmptyDatabase();
    const settings = { DATABASE_URL: database.url };
    const refused = await create(newRegistration(), undefined, { ...settings, DATABASE_MIGRATE_ON_START: 'false' });
    expect(refused).toMatchObject({ code: 1, stderr: 'The database lacks migrations: run `migrate up` first\n' });
    expect(await create(newRegistration(), undefined, settings)).toMatchObject({ code: 0 });
    await database.drop();
  });

  it.each([
    ['without an address', ['--username', 'ada']],
    ['with the password as an argument', ['--email', 'a@example.com', '--username', 'ada', '--password', 'x']],
  ])('refuses to be called %s, with its usage and exit code 2', async (_how, args) => {
    const { code, stderr } = await runCommand('admin-create', args, { DATABASE_URL: app.databaseUrl });
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: admin-create --email ADDRESS --username NAME');
  });

  it('tells when there is no password, the database is away, or the settings are wrong', async () => {
    expect(await create(newRegistration(), '')).toMatchObject({
      code: 1,
      stderr: 'Standard input holds no password\n',
    });
    const away = { DATABASE_URL: `postgresql://app:not-for-the-log@127.0.0.1:${await freePort()}/shop` };
    const { code, stderr } = await create(newRegistration(), undefined, away);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The database at 127\.0\.0\.1:\d+\/shop can't be reached: .*\n$/),
    });
    expect(await create(newRegistration(), undefined, { NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('SECRET_KEY is required in production'),
    });
  });
});

// The program `script` of util-linux lends a terminal.
const hasTerminal = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;
const onTerminal = hasTerminal || process.env.CI === 'true' ? describe : describe.skip;

onTerminal('admin-create on a terminal', () => {
  async function type(lines: readonly string[]): Promise<Finished> {
    const { username, email } = newRegistration();
    const command = `${process.execPath} ${resolve('dist/cli/admin-create.js')} --email ${email} --username ${username}`;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH, HOME, DATABASE_URL: app.databaseUrl, LOG_PRETTY: 'false' },
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const prompts = ['Password: ', 'Once more: '];
    for (const [index, line] of lines.entries()) {
      await eventually(() => shown.includes(prompts[index] ?? ''), 20_000);
      child.stdin.write(line);
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout: shown, stderr: '' };
  }

  it('asks twice and never shows what is typed', async () => {
    const { code, stdout } = await type([`${password}\r`, `${password}\r`]);
    expect(stdout).toMatch(/^Password: \r\nOnce more: \r\nCreated the administrator \w+ \([0-9a-f-]{36}\)\r\n$/);
    expect(code).toBe(0);
  });

  it('refuses two that differ', async () => {
    const { code, stdout } = await type([`${password}\r`, 'Another-Harbour-48\r']);
    expect(code).toBe(1);
    expect(stdout).toContain('The two passwords differ');
    expect(stdout).not.toContain('Harbour');
  });

  it('ends when the user gives up', async () => {
    const { code, stdout } = await type(['\u0003']);
    expect(code).toBe(1);
    expect(stdout).toContain('No password was given');
  });
});
