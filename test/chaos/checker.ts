import type { Entry } from './ledger.js';

/** An item as the database has it in the end. */
export interface FinalItem {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly isDeleted: boolean;
}

/** Statuses that a fault may cause; 0 is no answer, 502 and 504 are nginx's. */
const faultStatuses = new Set([0, 502, 503, 504]);
const foreseen: Readonly<Record<Entry['kind'], readonly number[]>> = {
  create: [201],
  update: [200, 404, 412],
  delete: [204, 404],
  read: [200, 404],
};

/** What was promised and not kept, in words. `final` holds every item that there is. */
export function violationsOf(entries: readonly Entry[], final: readonly FinalItem[]): string[] {
  const finals = new Map(final.map((item) => [item.id, item]));
  const byItem = Map.groupBy(
    entries.filter((entry) => entry.item !== undefined),
    (entry) => entry.item!,
  );
  return [
    ...entries.flatMap(unforeseen),
    ...[...byItem].flatMap(([id, history]) => itemViolations(id, history, finals.get(id))),
  ];
}

function unforeseen({ op, kind, status = 0 }: Entry): string[] {
  if (foreseen[kind].includes(status) || faultStatuses.has(status)) return [];
  return [`op ${op}: ${kind} was answered with ${status}`];
}

function itemViolations(id: string, history: readonly Entry[], final: FinalItem | undefined): string[] {
  if (!final) return [`item ${id}: an acknowledged create is gone`];
  const done = history.filter(({ kind, status = 0 }) => kind !== 'read' && status >= 200 && status < 300);
  const open = history.filter(mayBeDone);
  return [
    ...twiceWon(id, done),
    ...lostUpdates(id, done, open, final),
    ...cameBack(id, done, history, final),
    ...staleReads(id, done, history),
  ];
}

/** A proxy sends a delete again when the instance that did it died before it said so, and the second one finds nothing. */
function mayBeDone({ kind, status = 0 }: Entry): boolean {
  return (kind !== 'read' && faultStatuses.has(status)) || (kind === 'delete' && status === 404);
}

function twiceWon(id: string, done: readonly Entry[]): string[] {
  const winners = Map.groupBy(
    done.filter(({ kind }) => kind === 'update'),
    ({ match }) => match,
  );
  return [...winners]
    .filter(([match, entries]) => entries.length > 1 || entries[0]?.version !== (match ?? 0) + 1)
    .map(([match, entries]) => `item ${id}: version ${match} was won by ops ${entries.map(({ op }) => op).join(', ')}`);
}

function lostUpdates(id: string, done: readonly Entry[], open: readonly Entry[], final: FinalItem): string[] {
  const last = done.reduce<Entry | undefined>((best, entry) => {
    return (entry.version ?? 0) > (best?.version ?? 0) ? entry : best;
  }, undefined);
  const known = last?.version ?? 0;
  if (final.version < known) return [`item ${id}: version ${known} was acknowledged, and ${final.version} is there`];
  if (final.version === known && last?.title !== final.title) {
    return [`item ${id}: version ${known} holds what op ${last?.op} did not write`];
  }
  // A delete raises the version too, and does not tell it.
  const deletes = done.filter(({ kind }) => kind === 'delete').length;
  if (final.version - known > open.length + deletes) return [`item ${id}: has changes that nobody asked for`];
  return [];
}

function cameBack(id: string, done: readonly Entry[], history: readonly Entry[], final: FinalItem): string[] {
  const gone = done.find(({ kind }) => kind === 'delete');
  if (!gone) return [];
  const seen = history.filter(({ sent, status }) => sent > (gone.answered ?? Infinity) && status === 200);
  return [
    ...(final.isDeleted ? [] : [`item ${id}: the delete of op ${gone.op} came back`]),
    ...seen.map(({ op }) => `item ${id}: op ${op} saw it after the delete of op ${gone.op}`),
  ];
}

function staleReads(id: string, done: readonly Entry[], history: readonly Entry[]): string[] {
  return history
    .filter(({ kind, status }) => kind === 'read' && status === 200)
    .flatMap((read) => {
      const newer = done.find(
        ({ answered = Infinity, version = 0 }) => answered < read.sent && version > (read.version ?? 0),
      );
      return newer ? [`item ${id}: op ${read.op} read version ${read.version} after op ${newer.op}`] : [];
    });
}
