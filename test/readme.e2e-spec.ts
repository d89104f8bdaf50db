import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { startProduct, type Product } from './support/product.js';

const run = promisify(execFile);

/** The shell commands that the README tells newcomers to type. */
function tour(): string[] {
  const readme = readFileSync('README.md', 'utf8');
  return [...readme.matchAll(/<!-- tour -->\s+```sh\n(.*?)```/gs)].map(([, commands]) => commands ?? '');
}

describe('the tour of the README', () => {
  let database: TestDatabase;
  let product: Product;

  beforeAll(async () => {
    database = await createTestDatabase();
    product = await startProduct({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await product.stop();
    await database.drop();
  });

  /** Runs the block as it is written, but for the address; every answer is printed on a line of its own. */
  const type = async (block: string) => {
    const commands = block
      .replaceAll('http://localhost:8000', product.url)
      .replaceAll(/^curl -s/gm, "curl -w '\\n' -s");
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', commands], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: database.url },
    });
    return stdout;
  };

  it('shows what it says, command by command', async () => {
    const [api] = tour();
    const output = await type(api ?? '');
    for (const seen of [
      '"username":"ada_lovelace"',
      'ETag: "1"',
      '"status":"active","tags":["navigation"],"version":2',
      '"code":"precondition_failed"',
      '"total":1',
      '"version":4',
      '"code":"password_length"',
    ]) {
      expect(output).toContain(seen);
    }
    expect(output).not.toContain('"code":"unauthorized"');
  });

  it('makes the first administrator', async () => {
    const [, admin] = tour();
    await type(
      (admin ?? '').replace('npm run --silent admin:create --', `"${process.execPath}" dist/cli/admin-create.js`),
    );
    const login = await fetch(`${product.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'keeper', password: 'Calm-Lighthouse-88' }),
    });
    const { accessToken } = (await login.json()) as { accessToken: string };
    const users = await fetch(`${product.url}/api/v1/users`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(users.status).toBe(200);
  });
});
