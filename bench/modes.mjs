import { readFileSync } from 'node:fs';
import { checkSameAnswers } from './answers.mjs';
import { fillDatabase, findDeepCursor, readOwners } from './dataset.mjs';
import { programSpec } from './programs.mjs';
import { renderTables } from './report.mjs';
import { measure } from './rounds.mjs';
import { deepRouteNames } from './routes.mjs';

/**
 * @typedef {object} Context
 * @property {import('./database.mjs').DatabaseServer} server
 * @property {import('./options.mjs').Options} options
 * @property {string} logDir
 * @property {(line: string) => void} report
 *
 * @typedef {{ text: string, figures: object }} Outcome
 */

const scaleRows = [20_000, 200_000, 2_000_000];
const deepOwnerRows = 100_020;

/**
 * The product beside its peers.
 * @param {Context} context
 */
export function compare(context) {
  return sideBySide(
    context,
    context.options.targets.map((name) => ({ name })),
  );
}

/**
 * The product with everything on, with each mechanism off in turn, and with all of them off, beside an ordinary Nest starter.
 * @param {Context} context
 */
export function ablate(context) {
  const mechanisms = readMechanisms();
  const off = mechanisms.map(({ name, env }) => ({ name: 'product', label: `without ${name}`, env }));
  const allOff = { FAST_PATHS_OFF: 'all' };
  return sideBySide(context, [
    { name: 'express-bare' },
    { name: 'nest-starter' },
    { name: 'product' },
    ...off,
    { name: 'product', label: 'without all of them', env: allOff },
  ]);
}

/**
 * The product on tables of different size, and the first and the 5,000th page of one user's list.
 * @param {Context} context
 * @returns {Promise<Outcome>}
 */
export async function scale({ server, options, logDir, report }) {
  const contenders = [];
  for (const rows of scaleRows) {
    report(`Filling a database with ${rows} items`);
    const url = await server.createDatabase(`bench_${rows}`);
    await fillDatabase(url, { users: options.users, rows });
    const spec = programSpec('product', url, { label: `product, ${rows.toLocaleString('en')} items` });
    contenders.push({ spec, owners: await readOwners(url) });
  }
  const bySize = await measure(contenders, { ...options, routes: ['get', 'list'] }, { logDir, report });

  const url = await server.createDatabase('bench_deep');
  await fillDatabase(url, { users: options.users, rows: 100_000, firstUserRows: deepOwnerRows });
  const spec = programSpec('product', url, { label: 'product, a user with 100,000 items' });
  const [owner, ...others] = await readOwners(url);
  if (!owner) throw new Error('There are no users.');
  const deep = { spec, owners: [owner, ...others] };
  const byDepth = await measure(
    [deep],
    { ...options, routes: deepRouteNames },
    {
      logDir,
      report,
      check: async ([program]) => {
        owner.deepCursor = await findDeepCursor(program?.url ?? '', owner.authorization);
      },
    },
  );
  const text = [renderTables(bySize, ['get', 'list']), renderTables(byDepth, deepRouteNames)].join('\n\n');
  return { text, figures: { bySize, byDepth } };
}

/**
 * @param {Context} context
 * @param {{ name: string, label?: string, env?: Record<string, string> }[]} variants
 * @returns {Promise<Outcome>}
 */
async function sideBySide({ server, options, logDir, report }, variants) {
  report(`Filling the database: ${options.users} users, ${options.rows} items`);
  const url = await server.createDatabase('bench');
  await fillDatabase(url, options);
  const owners = await readOwners(url);
  const contenders = variants.map(({ name, ...variant }) => ({ spec: programSpec(name, url, variant), owners }));
  const programs = await measure(contenders, options, {
    logDir,
    report,
    check: (running) => checkSameAnswers(running, owners),
  });
  return { text: renderTables(programs, options.routes), figures: { programs } };
}

/**
 * Switches of the product that can be turned off one by one, with the settings that do it.
 * @returns {{ name: string, env: Record<string, string> }[]}
 */
function readMechanisms() {
  const mechanisms = JSON.parse(readFileSync(new URL('mechanisms.json', import.meta.url), 'utf8'));
  if (mechanisms.length === 0) throw new Error('bench/mechanisms.json lists no switch.');
  return mechanisms;
}
