import { connect, type Socket } from 'node:net';
import autocannon from 'autocannon';
import { OwnPostgres } from '../support/own-postgres.js';
import { startProduct } from '../support/product.js';
import { signUp } from './sign-up.js';

// What a crowd does to those who behave: `npm run test:crowd`. Figures of one machine, so they are told and not judged.

const served = 64;
const seconds = 10;
const slowClients = 500;
const slowTurns = 100;

interface Phase {
  readonly goodput: number;
  readonly p99: number;
  readonly refused: number;
  /** Neither served nor refused as they should be. */
  readonly other: number;
}

/**
 * Connections that send a byte of their headers a second, and come again when they are cut. They take turns: all at once would
 * hold up the process that measures, which is this one.
 */
class SlowClients {
  private readonly groups = Array.from({ length: slowTurns }, () => new Set<Socket>());
  private turn = 0;
  private readonly timer = setInterval(() => this.trickle(this.groups[this.turn++ % slowTurns]!), 1000 / slowTurns);

  constructor(private readonly port: number) {}

  /** Ends them. @returns how many there were at the end */
  stop(): number {
    clearInterval(this.timer);
    const sockets = this.groups.flatMap((group) => [...group]);
    for (const socket of sockets) socket.destroy();
    return sockets.length;
  }

  private trickle(group: Set<Socket>): void {
    for (const socket of group) socket.write('x');
    while (group.size < slowClients / slowTurns) {
      const socket = connect(this.port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nX-Slow: '));
      group.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => group.delete(socket));
    }
  }
}

const postgres = await OwnPostgres.create();
await postgres.start();
const product = await startProduct({
  DATABASE_URL: postgres.url,
  DATABASE_POOL_MAX: '10',
  MAX_CONCURRENCY: String(served),
  MAX_CONNECTIONS: '5000',
});
try {
  const headers = await signUp(product.url);
  await load(headers, served, 3);
  const base = await load(headers, served, seconds);
  const crowd = await load(headers, served * 3, seconds);
  const after = await load(headers, served, 5);
  print(`MAX_CONCURRENCY=${served}, GET /api/v1/items`);
  print(`${served} clients: ${told(base)}`);
  print(`${served * 3} clients: ${told(crowd)}; ${percent(crowd.goodput / base.goodput)} of the goodput`);
  print(`${served} clients, the 5 s after: ${told(after)}; ${percent(after.goodput / base.goodput)} of the goodput`);

  const honest = 8;
  const alone = await load(headers, honest, seconds);
  const slow = new SlowClients(Number(new URL(product.url).port));
  const among = await load(headers, honest, seconds);
  print(`${honest} clients: ${told(alone)}`);
  print(
    `${honest} clients beside ${slow.stop()} slow ones: ${told(among)}; ${(among.p99 / alone.p99).toFixed(2)} x the p99`,
  );
} finally {
  await product.stop();
  await postgres.remove();
}

async function load(headers: Record<string, string>, connections: number, duration: number): Promise<Phase> {
  const result = await autocannon({ url: `${product.url}/api/v1/items`, headers, connections, duration });
  const counts = Object.entries(result.statusCodeStats ?? {});
  const refused = counts.find(([status]) => status === '503')?.[1].count ?? 0;
  const all = counts.reduce((sum, [, { count = 0 }]) => sum + count, 0);
  return {
    goodput: Math.round(result['2xx'] / result.duration),
    p99: result.latency.p99,
    refused,
    other: all - result['2xx'] - refused + result.errors,
  };
}

function told({ goodput, p99, refused, other }: Phase): string {
  return `${goodput} answers/s, p99 ${p99} ms, ${refused} refused with 503, ${other} otherwise`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
