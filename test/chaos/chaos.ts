import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { violationsOf, type FinalItem } from './checker.js';
import { Clients } from './clients.js';
import { faults, type Fault } from './faults.js';
import { Ledger, type Entry } from './ledger.js';
import { Probes } from './probes.js';
import { Random } from './random.js';
import type { World } from './world.js';

export interface InjectedFault {
  readonly name: string;
  /** Milliseconds of the run at which it began and was over. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds after its end until a write got through. */
  readonly recoveryMs: number;
}

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: readonly InjectedFault[];
  /** Answers by kind and status; 0 is no answer. */
  readonly statuses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly acknowledgedWrites: number;
  readonly probes: number;
  readonly violations: readonly string[];
}

const recoveryPatienceMs = 20_000;

/**
 * Writes and reads while faults come in the order that the seed gives, and checks what was acknowledged.
 * @param folder gets the ledger
 */
export async function chaos(
  world: World,
  { seed, seconds, folder }: { seed: number; seconds: number; folder: string },
): Promise<ChaosReport> {
  // Apart, since the clients take theirs in an order that depends on the weather.
  const random = new Random(seed);
  const ledger = new Ledger(join(folder, `ledger-${seed}.jsonl`));
  const clients = await Clients.open(world.url, ledger, new Random(seed + 1));
  const probes = new Probes(world);
  const possible = faults.filter((fault) => fault.isPossible?.(world) ?? true);
  const violations: string[] = [];
  const injected: InjectedFault[] = [];
  clients.start(4);
  probes.start();
  // Each comes once before one comes again.
  let deck: Fault[] = [];
  while (ledger.now < seconds * 1000) {
    if (deck.length === 0) deck = random.shuffled(possible);
    await delay(random.between(300, 1000));
    injected.push(await inject(deck.pop()!, world, random, ledger, clients));
  }
  await clients.stop();
  for (const { name, url } of world.instances) {
    const isReady = () =>
      fetch(`${url}/health/ready`).then(
        ({ status }) => status === 200,
        () => false,
      );
    await eventually(isReady, recoveryPatienceMs).catch(() => violations.push(`instance ${name} is not ready again`));
  }
  probes.stop();
  ledger.close();
  const final = await world.postgres.sql<FinalItem>(
    `SELECT id, title, version, deleted_at IS NOT NULL AS "isDeleted" FROM items`,
  );
  violations.push(...probes.violations, ...violationsOf(ledger.entries, final));
  return {
    seed,
    seconds: Math.round(ledger.now / 1000),
    faults: injected,
    statuses: countOf(ledger.entries),
    acknowledgedWrites: ledger.entries.filter(isAcknowledgedWrite).length,
    probes: probes.count,
    violations,
  };
}

async function inject(
  fault: Fault,
  world: World,
  random: Random,
  ledger: Ledger,
  clients: Clients,
): Promise<InjectedFault> {
  const from = ledger.now;
  await fault.inject(world, random);
  const to = ledger.now;
  const recoveryMs = await eventually(() => clients.canWrite(), recoveryPatienceMs);
  return { name: fault.name, from, to, recoveryMs: Math.round(recoveryMs) };
}

function countOf(entries: readonly Entry[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { kind, status = 0 } of entries) {
    const row = (counts[kind] ??= {});
    row[status] = (row[status] ?? 0) + 1;
  }
  return counts;
}

function isAcknowledgedWrite({ kind, status = 0 }: Entry): boolean {
  return kind !== 'read' && status >= 200 && status < 300;
}

/** The report for people. */
export function tableOf({ seed, seconds, faults: injected, statuses, ...report }: ChaosReport): string {
  const rows = injected.map(({ name, from, to, recoveryMs }) => [
    (from / 1000).toFixed(1),
    name,
    `${((to - from) / 1000).toFixed(1)} s`,
    `${recoveryMs} ms`,
  ]);
  const table = [['at', 'fault', 'lasted', 'write again after'], ...rows];
  const widths = [6, 32, 8, 8];
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join(' '));
  const answers = Object.entries(statuses).map(
    ([kind, row]) =>
      `${kind.padEnd(8)}${Object.entries(row)
        .map(([status, count]) => `${status}: ${count}`)
        .join('  ')}`,
  );
  return [
    `seed ${seed}, ${seconds} s`,
    ...lines,
    ...answers,
    `${report.acknowledgedWrites} acknowledged writes checked, ${report.probes} liveness probes`,
    ...report.violations.map((violation) => `VIOLATION ${violation}`),
    `${report.violations.length} violations`,
  ].join('\n');
}
