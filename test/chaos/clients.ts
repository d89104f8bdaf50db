import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { HttpClient } from '../support/client.js';
import type { Entry, Ledger } from './ledger.js';
import type { Random } from './random.js';

interface Account {
  readonly id: string;
  readonly client: HttpClient;
  /** Items that are contended for, with the version that was seen last. */
  readonly items: Map<string, number>;
}

const password = 'Quiet-Harbour-47';
const itemsOfAnAccount = 5;
const pauseMs = 15;
const patienceMs = 15_000;

/** Users who create, change, delete and read items, several at a time for each account, until `stop` is called. */
export class Clients {
  private readonly running: Promise<void>[] = [];
  private isOver = false;

  private constructor(
    private readonly ledger: Ledger,
    private readonly random: Random,
    private readonly accounts: readonly Account[],
  ) {}

  static async open(url: string, ledger: Ledger, random: Random): Promise<Clients> {
    const accounts: Account[] = [];
    for (let count = 0; count < 3; count++) accounts.push(await signUp(url));
    return new Clients(ledger, random, accounts);
  }

  start(perAccount: number): void {
    for (const account of this.accounts) {
      for (let count = 0; count < perAccount; count++) this.running.push(this.work(account));
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
    for (const { client } of this.accounts) client.close();
  }

  /** Whether a write gets through now. */
  async canWrite(): Promise<boolean> {
    return (await this.create(this.accounts[0]!)) === 201;
  }

  private async work(account: Account): Promise<void> {
    while (!this.isOver) {
      await this.act(account);
      await delay(pauseMs);
    }
  }

  private async act(account: Account): Promise<void> {
    const known = [...account.items];
    const dice = this.random.next();
    if (known.length < itemsOfAnAccount || dice < 0.25) {
      await this.create(account);
      return;
    }
    const [item, version] = this.random.oneOf(known);
    if (dice < 0.6) await this.update(account, item, version);
    else if (dice < 0.65) await this.remove(account, item);
    else await this.read(account, item);
  }

  private async create(account: Account): Promise<number> {
    const title = uuidv7();
    const entry = this.ledger.sent({ kind: 'create', owner: account.id, title });
    const { status, item, version } = await this.send(entry, account, 'POST', '/api/v1/items', { title, price: '1' });
    if (item !== undefined && version !== undefined && account.items.size < itemsOfAnAccount) {
      account.items.set(item, version);
    }
    return status;
  }

  private async update(account: Account, item: string, match: number): Promise<void> {
    const title = uuidv7();
    const entry = this.ledger.sent({ kind: 'update', owner: account.id, item, match, title });
    const path = `/api/v1/items/${item}`;
    const { status, version } = await this.send(entry, account, 'PATCH', path, { title }, { 'if-match': `"${match}"` });
    if (version !== undefined) account.items.set(item, version);
    // What was done by an update without an answer is learned by reading.
    else if (status !== 404) await this.read(account, item);
  }

  private async remove(account: Account, item: string): Promise<void> {
    account.items.delete(item);
    const entry = this.ledger.sent({ kind: 'delete', owner: account.id, item });
    await this.send(entry, account, 'DELETE', `/api/v1/items/${item}`);
  }

  private async read(account: Account, item: string): Promise<void> {
    const entry = this.ledger.sent({ kind: 'read', owner: account.id, item });
    const { version = 0 } = await this.send(entry, account, 'GET', `/api/v1/items/${item}`);
    if (version > (account.items.get(item) ?? Infinity)) account.items.set(item, version);
  }

  private async send(
    entry: Entry,
    { client }: Account,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; item?: string; version?: number }> {
    const patience = new AbortController();
    const asked = client.request<{ id?: string; version?: number } | undefined>(method, path, { body, headers });
    const heard = await Promise.race([
      asked.then(
        ({ status, body: answer }) => ({ status, item: answer?.id, version: answer?.version }),
        () => ({ status: 0 }),
      ),
      delay(patienceMs, { status: 0 }, { signal: patience.signal }).catch(() => ({ status: 0 })),
    ]);
    patience.abort();
    const isDone = heard.status >= 200 && heard.status < 300;
    const known = isDone ? heard : { status: heard.status };
    this.ledger.heard(entry, known);
    return known;
  }
}

async function signUp(url: string): Promise<Account> {
  const client = new HttpClient(url, undefined);
  const username = `chaos_${uuidv7().replaceAll('-', '_').slice(-20)}`;
  const registered = await client.post<{ id: string }>('/api/v1/auth/register', {
    username,
    email: `${username}@example.test`,
    password,
  });
  const login = await client.post<{ accessToken: string }>('/api/v1/auth/login', { username, password });
  return { id: registered.body.id, client: client.as({ token: login.body.accessToken }), items: new Map() };
}
