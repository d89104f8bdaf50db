// In a clone of the last commit: generates modules of every kind, and then checks, migrates, tests, boots, asks and removes
// them, as a user would. `--new-only` runs the tests
// of the new modules and those that look at every route only.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cloneProject } from './clone.mjs';

const started = Date.now();
const { folder, clone } = cloneProject();
/** The specs that look at every route and table there is. */
const surveys = ['access-matrix', 'fuzz', 'migrations', 'architecture'];
const modules = ['orders', 'people', 'criteria', 'shipments', 'remarks', 'notices', 'settings', 'parcels'];
let server;

try {
  await step('generate, each in under 5 seconds', () => {
    generate(
      'module',
      'orders',
      'title:string:sortable:searchable',
      'price:decimal',
      'status:enum(draft,paid):filterable',
      'customer:ref:users',
      'dueAt:datetime?',
      'note:text?',
      'sku:string:unique',
    );
    generate('module', '--from', 'schematics/fixtures/tour.yaml');
    generate('module', 'notices', 'text:text', '--public');
    generate('module', 'settings', 'key:string:unique', 'value:json?', '--admin-only');
    run('npx', ['nest', 'g', 'module-resource', 'parcels', "'label:string stops:list'"]);
    generate('field', 'orders', 'weight:decimal(8,3)?:filterable', 'rank:integer:default=1:sortable');
  });
  await step('npm run check', () => npm('run', 'check'));
  await step('build', () => npm('run', 'build'));
  const { startEmbeddedPostgres } = await built('database/embedded/embedded-postgres.js');
  server = await startEmbeddedPostgres({ dataDir: join(clone, '.data/tour'), unsafeFast: true });
  await step('migrate up, down, up', () => {
    migrate('up');
    for (let count = 0; count <= modules.length; count++) migrate('revert');
    const pending = migrate('status')
      .split('\n')
      .filter((line) => line.startsWith('pending'));
    if (pending.length !== modules.length + 1) throw new Error(`Not all was taken back: ${pending.join()}`);
    migrate('up');
  });
  await step('tests', () => {
    const wanted = process.argv.includes('--new-only')
      ? ['--testPathPatterns', [...modules, ...surveys].join('|')]
      : [];
    npm('test', '--', '--selectProjects', 'unit', 'e2e', ...wanted);
  });
  await step('boot and real requests', bootAndAsk);
  await step('remove', () => {
    for (let count = 0; count <= modules.length; count++) migrate('revert');
    for (const name of ['parcels', 'settings', 'notices', 'remarks', 'shipments', 'criteria', 'people', 'orders'])
      generate('remove', name);
    const left = run('git', ['status', '--porcelain', '--untracked-files=all']);
    if (left !== '') throw new Error(`Something is left:\n${left}`);
  });
  console.log(`All in ${seconds(started)}`);
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function step(name, work) {
  const start = Date.now();
  try {
    await work();
  } catch (error) {
    if (error.stdout === undefined) throw error;
    console.error(`${error.stdout}${error.stderr}`);
    // Without what the command wrote, which the error repeats.
    throw new Error(`${name}: ${error.message.split('\n', 1)[0]}`);
  }
  console.log(`${seconds(start).padStart(6)}  ${name}`);
}

function generate(...args) {
  const start = Date.now();
  npm('run', 'generate', '--', ...args);
  // The bar is for cores that are free: others' work on the machine stretches it.
  const stretch = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
  if (Date.now() - start > 5000 * stretch) throw new Error(`generate ${args.join(' ')} took ${seconds(start)}`);
}

function npm(...args) {
  return run('npm', args);
}

function migrate(command) {
  return run(process.execPath, ['dist/cli/migrate.js', command]);
}

function run(command, args, cwd = clone) {
  const environment = server ? { ...process.env, DATABASE_URL: server.url } : process.env;
  return execFileSync(command, args, { cwd, env: environment, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e8 });
}

function built(path) {
  return import(pathToFileURL(join(clone, 'dist', path)).href);
}

async function bootAndAsk() {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: clone,
    env: { ...process.env, DATABASE_URL: server.url, HOST: '127.0.0.1', PORT: String(port), LOG_PRETTY: 'false' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    let log = '';
    for await (const chunk of child.stdout) if ((log += chunk).includes('"event":"serving"')) break;
    await ask(`http://127.0.0.1:${port}`);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function ask(url) {
  const send = async (method, path, body, token, expected) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status !== expected) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const account = { username: 'tourist', email: 'tourist@example.com', password: 'Quiet-Harbour-47-Lantern' };
  const user = await send('POST', '/api/v1/auth/register', account, undefined, 201);
  const login = { username: account.username, password: account.password };
  const { accessToken } = await send('POST', '/api/v1/auth/login', login, undefined, 200);
  const order = { title: 'A chair', price: '12.5', status: 'paid', customerId: user.id, sku: 'c-1' };
  const made = await send('POST', '/api/v1/orders', order, accessToken, 201);
  if (made.price !== '12.50' || made.rank !== 1) throw new Error(`An odd order: ${JSON.stringify(made)}`);
  await send('POST', '/api/v1/orders', order, accessToken, 409);
  await send('GET', '/api/v1/orders', undefined, undefined, 401);
  const { data } = await send('GET', '/api/v1/orders?q=CHAIR&status=paid&sort=-rank', undefined, accessToken, 200);
  if (data.length !== 1) throw new Error(`The order is not found: ${JSON.stringify(data)}`);
  await send('GET', '/api/v1/notices', undefined, undefined, 200);
}

async function freePort() {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

function seconds(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)}s`;
}
