import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

interface LoadOptions {
  /** Lanes that use one connection again and again. */
  readonly keepAlive: number;
  /** Lanes that open a connection for each request. */
  readonly fresh: number;
  /** How long a lane waits after an answer; nothing unless it is set. */
  readonly pauseMs?: number;
  /** What each lane sends, one after the other. */
  readonly next: () => LoadRequest;
  readonly answered?: (status: number, body: string, sent: LoadRequest) => void;
}

export interface LoadRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests that go on until they are stopped. What has no answer is a failure, and tried no second time. */
export class Load {
  /** How many requests were answered with each status. */
  readonly statuses: Record<number, number> = {};
  /** The errors of requests without an answer. */
  readonly failures: string[] = [];
  private isStopped = false;
  private readonly lanes: Promise<void>[];

  constructor(
    private readonly port: number,
    private readonly options: LoadOptions,
  ) {
    const { keepAlive, fresh } = options;
    this.lanes = Array.from({ length: keepAlive + fresh }, (_, lane) => this.drive(lane < keepAlive));
  }

  get answered(): number {
    return Object.values(this.statuses).reduce((sum, count) => sum + count, 0);
  }

  /** Lets every lane finish its request. */
  async stop(): Promise<this> {
    this.isStopped = true;
    await Promise.all(this.lanes);
    return this;
  }

  private async drive(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!this.isStopped) {
      const sent = this.options.next();
      try {
        const { status, body } = await this.exchange(agent, sent);
        this.statuses[status] = (this.statuses[status] ?? 0) + 1;
        this.options.answered?.(status, body, sent);
      } catch (error) {
        this.failures.push(`${sent.method ?? 'GET'} ${sent.path}: ${(error as Error).message}`);
      }
      if (this.options.pauseMs) await delay(this.options.pauseMs);
    }
    agent.destroy();
  }

  private exchange(
    agent: Agent,
    { method, path, headers, body }: LoadRequest,
  ): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, agent, method, path, headers, timeout: 10_000 };
      const sent = request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer in 10 s')));
      sent.once('error', reject);
      sent.end(body);
    });
  }
}
