import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chaos, tableOf } from './chaos/chaos.js';
import { violationsOf, type FinalItem } from './chaos/checker.js';
import type { Entry } from './chaos/ledger.js';
import { openWorld, type World } from './chaos/world.js';

describe('the checker of chaos', () => {
  let op = 0;
  const entry = (kind: Entry['kind'], status: number, more: Partial<Entry> = {}): Entry => {
    op++;
    return { op, kind, owner: 'ada', item: 'i', sent: op * 10, answered: op * 10 + 5, status, ...more };
  };
  const created = () => entry('create', 201, { title: 'one', version: 1 });
  const updated = (match: number, title: string) => entry('update', 200, { match, title, version: match + 1 });
  const final = (more: Partial<FinalItem> = {}): FinalItem[] => [
    { id: 'i', title: 'one', version: 1, isDeleted: false, ...more },
  ];

  it('accepts a history in which every acknowledged write is there', () => {
    const history = [
      created(),
      updated(1, 'two'),
      entry('update', 412, { match: 1 }),
      entry('read', 200, { version: 2 }),
    ];
    expect(violationsOf(history, final({ title: 'two', version: 2 }))).toEqual([]);
  });

  it('accepts that what had no answer was done, or was not', () => {
    const history = [created(), entry('update', 0, { match: 1, title: 'two' })];
    expect(violationsOf(history, final())).toEqual([]);
    expect(violationsOf(history, final({ title: 'two', version: 2 }))).toEqual([]);
  });

  it('accepts a delete that was repeated by the proxy and found nothing', () => {
    expect(violationsOf([created(), entry('delete', 404)], final({ version: 2, isDeleted: true }))).toEqual([]);
  });

  it.each<[string, () => Entry[], FinalItem[], RegExp]>([
    ['an acknowledged create that is gone', () => [created()], [], /create is gone/],
    [
      'an acknowledged update that is gone',
      () => [created(), updated(1, 'two')],
      final(),
      /version 2 was acknowledged/,
    ],
    [
      'an update that another took the place of',
      () => [created(), updated(1, 'two')],
      final({ title: 'three', version: 2 }),
      /did not write/,
    ],
    [
      'a version that two have won',
      () => [created(), updated(1, 'two'), updated(1, 'three')],
      final({ title: 'three', version: 2 }),
      /won by ops/,
    ],
    ['a delete that came back', () => [created(), entry('delete', 204)], final({ version: 2 }), /came back/],
    [
      'an item that is seen after its delete',
      () => [created(), entry('delete', 204), entry('read', 200, { version: 1 })],
      final({ version: 2, isDeleted: true }),
      /saw it after/,
    ],
    [
      'a read of what was replaced before',
      () => [created(), updated(1, 'two'), entry('read', 200, { version: 1 })],
      final({ title: 'two', version: 2 }),
      /read version 1/,
    ],
    ['a change that nobody asked for', () => [created()], final({ version: 3 }), /nobody asked/],
    ['a 500', () => [created(), entry('read', 500)], final(), /answered with 500/],
  ])('R21: finds %s', (_name, history, items, words) => {
    expect(violationsOf(history(), items)).toContainEqual(expect.stringMatching(words));
  });
});

describe('chaos', () => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-chaos-'));
    world = await openWorld();
  }, 60_000);
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('R21: in a short run of faults no acknowledged write is lost, no version won twice, no delete comes back', async () => {
    const report = await chaos(world, { seed: 11, seconds: 10, folder });
    expect({ violations: report.violations, table: tableOf(report) }).toMatchObject({ violations: [] });
    expect(report.faults.length).toBeGreaterThan(2);
    expect(report.acknowledgedWrites).toBeGreaterThan(100);
    const lines = readFileSync(join(folder, 'ledger-11.jsonl'), 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(report.acknowledgedWrites * 2);
  }, 90_000);
});
