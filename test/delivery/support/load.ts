import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadResult {
  readonly sent: number;
  /** Statuses outside 2xx and error codes, with their number. */
  readonly failed: Record<string, number>;
}

export interface Target {
  readonly ca: string;
  readonly token: string;
  /** The request with this number. */
  request(index: number): { method: string; url: string; body?: string };
}

/** Sends `total` requests at a steady rate, whatever the answers do, over kept-alive connections. */
export async function load(total: number, perSecond: number, target: Target): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca: target.ca });
  const failed: Record<string, number> = {};
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
    for (; sent < due; sent++) {
      running.push(
        send(agent, target, sent).then((fault) => {
          if (fault) failed[fault] = (failed[fault] ?? 0) + 1;
        }),
      );
    }
    await sleep(5);
  }
  await Promise.all(running);
  agent.destroy();
  return { sent: running.length, failed };
}

function send(agent: Agent, target: Target, index: number): Promise<string | undefined> {
  const { method, url, body } = target.request(index);
  const headers = { authorization: `Bearer ${target.token}`, ...(body && { 'content-type': 'application/json' }) };
  return new Promise((resolve) => {
    const sent = request(url, { method, agent, headers, timeout: 20_000 }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      response.on('end', () => resolve(status >= 200 && status < 300 ? undefined : String(status)));
      response.on('error', (error) => resolve(error.message));
    });
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(body);
  });
}
