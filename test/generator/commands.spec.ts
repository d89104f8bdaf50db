import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { run } from '../../schematics/commands/run.ts';
import { contents, copyOfProject } from './project-copy.ts';

const service = 'src/modules/orders/orders.service.ts';
const dto = 'src/modules/orders/orders.dto.ts';

describe('the generator', () => {
  let folder: string;
  let printed: string[];

  beforeEach(async () => {
    folder = copyOfProject();
    printed = [];
    for (const stream of ['log', 'error'] as const) {
      jest.spyOn(console, stream).mockImplementation((line: string) => void printed.push(line));
    }
    expect(await generate('module', 'orders', 'title:string', 'item:ref:items')).toBe(0);
  }, 30_000);
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const generate = (...args: string[]) => run(args, folder);
  const edit = (path: string, change: (text: string) => string) => {
    const file = join(folder, path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  /** The files that `work` changes. */
  const changedBy = async (work: () => Promise<unknown>) => {
    const before = contents(folder);
    await work();
    const after = contents(folder);
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((path) => before[path] !== after[path])
      .map((path) => path.slice(folder.length + 1));
  };

  it('adds a field beside what was changed by hand', async () => {
    edit(service, (text) => text.replace('/** @throws NotFoundException */', '/** By hand. */'));
    expect(await generate('field', 'orders', 'weight:decimal(8,3)?')).toBe(0);
    const text = readFileSync(join(folder, service), 'utf8');
    expect(text).toContain('/** By hand. */');
    expect(text).toContain('weight: weight ?? null,');
  });

  it('refuses a field where it was changed by hand, shows what to do, and changes nothing', async () => {
    edit(dto, (text) => text.replace('const { id, ownerId, title,', 'const { id, ownerId, title: byHand,'));
    const changed = await changedBy(async () => {
      expect(await generate('field', 'orders', 'weight:decimal(8,3)?')).toBe(1);
    });
    expect(changed).toEqual([]);
    expect(printed.at(-1)).toContain(`${dto}: was changed by hand where the field belongs`);
    expect(printed.at(-1)).toMatch(/^\+.*weight/m);
  });

  it('refuses a field that rows which are there could not have', async () => {
    expect(await changedBy(() => generate('field', 'orders', 'weight:decimal(8,3)'))).toEqual([]);
    expect(printed.at(-1)).toContain('weight: rows that are there already have no value for it');
  });

  it('refuses to remove what was changed by hand, unless it is told to', async () => {
    edit(service, (text) => `${text}// By hand.\n`);
    expect(await changedBy(() => generate('remove', 'orders', '--not-migrated'))).toEqual([]);
    expect(printed.at(-1)).toContain(`Changed by hand: ${service}`);
    expect(await generate('remove', 'orders', '--not-migrated', '--force')).toBe(0);
  });

  it.each([[['parcels', 'order:ref:orders']], [['parcels', 'title:string', '--parent', 'orders']]])(
    'refuses to remove what others point to: %j',
    async (args) => {
      expect(await generate('module', ...args)).toBe(0);
      expect(await changedBy(() => generate('remove', 'orders', '--not-migrated'))).toEqual([]);
      expect(printed.at(-1)).toBe('orders: parcels point to it; remove them first');
    },
  );

  it('drops the table by a migration when it was made already, and keeps the one that made it', async () => {
    const changed = await changedBy(() => generate('remove', 'orders', '--migrated'));
    const migrations = changed.filter((path) => path.startsWith('src/database/migrations/'));
    expect(migrations).toEqual([expect.stringMatching(/-drop-orders\.ts$/)]);
    const text = readFileSync(join(folder, migrations[0]!), 'utf8');
    expect(text.indexOf('DROP TABLE orders')).toBeLessThan(text.indexOf('CREATE TABLE orders'));
  });

  it('finds its place in a list of modules that was written by other rules', async () => {
    const squeezed = (text: string) => text.replaceAll(/,\s*\n\s*/g, ', ').replaceAll(/\[\s*\n\s*/g, '[');
    edit('src/app.module.ts', squeezed);
    expect(await generate('module', 'parcels', 'label:string')).toBe(0);
    const text = readFileSync(join(folder, 'src/app.module.ts'), 'utf8');
    expect(text.match(/ParcelsModule/g)).toHaveLength(2);
    expect(text.match(/OrdersModule/g)).toHaveLength(2);
  });

  it('prints the diff of a dry run and writes nothing', async () => {
    expect(await changedBy(() => generate('module', 'parcels', 'label:string', '--dry-run'))).toEqual([]);
    expect(printed.at(-1)).toContain('+++ b/src/modules/parcels/parcels.service.ts');
    expect(await changedBy(() => generate('remove', 'orders', '--not-migrated', '--dry-run'))).toEqual([]);
    expect(printed.at(-1)).toContain(`--- a/${service}`);
  });
});
