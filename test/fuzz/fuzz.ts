import fc from 'fast-check';
import type { Problem } from '../support/api.js';
import type { HttpClient } from '../support/client.js';
import type { OpenApi } from '../support/openapi-index.js';
import { planOf, type Plan } from './requests.js';
import { Session } from './session.js';

export interface FuzzOptions {
  /** A client whose answers pass the contract check. */
  readonly client: HttpClient;
  readonly document: OpenApi;
  readonly seed: number;
  readonly requests: number;
  readonly adminToken?: string;
  readonly onProgress?: (sent: number) => void;
}

/** What was sent and what came of it. */
export interface FuzzReport {
  readonly sent: number;
  readonly seconds: number;
  /** Answers by operation and status. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly breaches: readonly string[];
}

const concurrency = 8;
/** So many requests are planned at a time, and the accounts looked after between them. */
const chunkSize = 250;
const enoughBreaches = 20;

/**
 * Sends what the document says, and what it does not say, and holds every answer against it. The same seed and count plan
 * the same requests.
 */
export async function fuzz({
  client,
  document,
  seed,
  requests,
  adminToken,
  onProgress,
}: FuzzOptions): Promise<FuzzReport> {
  const plans = planOf(document);
  const session = await Session.open(client, adminToken);
  const statuses = new Map<string, Map<number, number>>();
  const breaches: string[] = [];
  const startedAt = performance.now();
  let sent = 0;

  async function send(plan: Plan): Promise<void> {
    const { method, path, options, learn } = session.prepare(plan);
    sent++;
    try {
      // The fuzzer may load the machine so that a probe of the database is late; these two then say so, by a 503.
      const allow5xx = /^\/health\/(ready|detailed)/.test(path);
      const answer = await client.request<unknown>(method, path, { ...options, allow5xx });
      const counts = statuses.get(plan.operationId) ?? new Map<number, number>();
      statuses.set(plan.operationId, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1));
      learn(answer);
      if (plan.isValid && [400, 405, 413, 414, 415, 431].includes(answer.status) && !isBeyondSchema(answer.body)) {
        throw new Error(`The document allows this, but it is refused: ${answer.status} ${answer.text}`);
      }
    } catch (error) {
      breaches.push(`${describe(method, path, options)}\n${(error as Error).message}`);
    }
  }

  while (sent < requests && breaches.length < enoughBreaches) {
    const numRuns = Math.min(chunkSize, requests - sent);
    const chunk = fc.sample(plans, { seed: seed + sent, numRuns });
    const queue = chunk.values();
    const sender = async () => {
      for (const plan of queue) await send(plan);
    };
    await Promise.all(Array.from({ length: concurrency }, sender));
    await session.refresh();
    onProgress?.(sent);
  }
  return { sent, seconds: (performance.now() - startedAt) / 1000, statuses, breaches };
}

/** Rules that no schema can say: what exists in the database, and the range of a number that is text. */
function isBeyondSchema(body: unknown): boolean {
  const { errors = [] } = (body ?? {}) as Partial<Problem>;
  return errors.length > 0 && errors.every(({ code }) => ['unknown_reference', 'decimal_range'].includes(code));
}

function describe(method: string, path: string, { headers, body }: { headers?: object; body?: unknown }): string {
  const text = Buffer.isBuffer(body) ? `base64 ${body.toString('base64')}` : String(body);
  return `${method} ${path.slice(0, 500)}\n${JSON.stringify(headers)}\n${text.slice(0, 1000)}`;
}

/** The report as a table of statuses by operation. */
export function tableOf({ statuses }: FuzzReport): string {
  const classes = ['2xx', '3xx', '4xx', '5xx'];
  const rows = [...statuses].sort().map(([operation, counts]) => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const byClass = classes.map((_, index) =>
      [...counts]
        .filter(([status]) => Math.floor(status / 100) === index + 2)
        .reduce((sum, [, count]) => sum + count, 0),
    );
    const detail = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}:${count}`);
    return [operation, total, ...byClass, detail.join(' ')].map(String);
  });
  const head = ['operation', 'requests', ...classes, 'statuses'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
