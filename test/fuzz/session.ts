import type { Answer, HttpClient, RequestOptions } from '../support/client.js';
import type { Choice, Plan } from './requests.js';

interface Account {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

interface KnownItem {
  readonly id: string;
  readonly version: number;
}

/** A request as it is sent, and who learns from its answer. */
export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly options: RequestOptions;
  learn(answer: Answer<unknown>): void;
}

const password = 'Quiet-Harbour-47';
const accountCount = 4;
const adminTemplates = /^\/api\/v1\/(users$|users\/\{id\}|audit-events)/;

/** What a run knows of the server: accounts, items, cursors. It keeps itself supplied. */
export class Session {
  private readonly items = new Map<string, KnownItem[]>();
  private readonly cursors = new Map<string, string>();
  private readonly accounts: Account[] = [];
  /** Users that nobody acts as: what administrators do is done to them. */
  private readonly bystanders: string[] = [];
  private count = 0;

  private constructor(
    private readonly client: HttpClient,
    private readonly adminToken: string | undefined,
  ) {}

  /** Without `adminToken`, what is for administrators is called by users. */
  static async open(client: HttpClient, adminToken?: string): Promise<Session> {
    const session = new Session(client, adminToken);
    while (session.accounts.length < accountCount) session.accounts.push(await session.register());
    return session;
  }

  /** Puts what is known into the plan. */
  prepare(plan: Plan): Sending {
    const turn = this.count++;
    const isAdmins = this.adminToken !== undefined && adminTemplates.test(plan.template);
    const account = this.accounts[turn % this.accounts.length]!;
    const item = this.itemOf(account, turn);
    const id = isAdmins ? (this.bystanders[turn % this.bystanders.length] ?? account.id) : item.id;
    const key = `${account.id} ${plan.template} ${JSON.stringify(plan.query.filter(([name]) => !/^(cursor|limit|include)$/.test(name)))}`;
    const query = plan.query.flatMap(([name, value]) => pairOf(name, value, this.cursors.get(key)));
    return {
      method: plan.method,
      path:
        plan.template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(valueOf(plan.path[name], id))) +
        searchOf(query),
      options: {
        ...tokenOf(plan, isAdmins ? this.adminToken : account.token, turn),
        headers: {
          ...(plan.body && 'raw' in plan.body
            ? typeHeader(plan.body.type)
            : plan.body && { 'content-type': 'application/json' }),
          ...Object.fromEntries(
            Object.entries(plan.headers).map(([name, value]) => [name, valueOf(value, `"${item.version}"`)]),
          ),
        },
        body: this.bodyOf(plan, account, turn),
      },
      learn: (answer) => this.learn(plan, account, key, answer),
    };
  }

  /** Replaces accounts that are gone or shut out, which fuzzing does to them. */
  async refresh(): Promise<void> {
    for (const [index, { token }] of this.accounts.entries()) {
      const { status } = await this.client.get('/api/v1/users/me', { token });
      if (status !== 200) this.accounts[index] = await this.register();
    }
  }

  private async register(): Promise<Account> {
    const username = `fuzz_${process.pid}_${Date.now()}_${this.count++}`;
    const registered = await this.client.post<{ id: string }>('/api/v1/auth/register', {
      username,
      email: `${username}@example.test`,
      password,
    });
    const login = await this.client.post<{ accessToken: string }>('/api/v1/auth/login', { username, password });
    if (login.status !== 200) throw new Error(`The login of the run's own user failed: ${login.text}`);
    return { id: registered.body.id, username, password, token: login.body.accessToken };
  }

  private itemOf(account: Account, turn: number): KnownItem {
    const items = this.items.get(account.id) ?? [];
    return items[turn % Math.max(items.length, 1)] ?? { id: account.id, version: 1 };
  }

  private bodyOf({ operationId, isValid, body }: Plan, { username }: Account, turn: number): unknown {
    if (operationId === 'authLogin' && isValid && turn % 3 === 0) return JSON.stringify({ username, password });
    if (!body) return undefined;
    if ('json' in body) return JSON.stringify(body.json) ?? '';
    return typeof body.raw === 'string' ? body.raw : Buffer.from(body.raw);
  }

  private learn(
    { operationId, template, caller }: Plan,
    account: Account,
    key: string,
    { status, body }: Answer<unknown>,
  ): void {
    if (status >= 300 || caller !== 'usual' || typeof body !== 'object' || body === null) return;
    const { id, version, page, username } = body as {
      id?: string;
      version?: number;
      page?: { nextCursor: string | null };
      username?: string;
    };
    if (operationId === 'usersUpdateMe' && username) {
      this.accounts[this.accounts.findIndex((each) => each.id === account.id)] = { ...account, username };
    }
    if (operationId === 'authRegister' && id !== undefined) this.bystanders.unshift(id);
    this.bystanders.splice(8);
    if (page?.nextCursor) this.cursors.set(key, page.nextCursor);
    if (!template.startsWith('/api/v1/items') || id === undefined || version === undefined) return;
    const others = (this.items.get(account.id) ?? []).filter((item) => item.id !== id);
    this.items.set(account.id, [{ id, version }, ...others].slice(0, 8));
  }
}

function valueOf(choice: Choice | undefined, known: string): string {
  return choice && 'text' in choice ? choice.text : known;
}

function pairOf(name: string, value: Choice, cursor: string | undefined): (readonly [string, string])[] {
  if ('text' in value) return [[name, value.text]];
  return cursor === undefined ? [] : [[name, cursor]];
}

function searchOf(query: readonly (readonly [string, string])[]): string {
  return query.length === 0 ? '' : `?${query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** Percent-encodes; what UTF-8 can't hold goes out as the bytes that a careless client would send. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}

function typeHeader(type: string | undefined): Record<string, string> {
  return type ? { 'content-type': type } : {};
}

function tokenOf({ caller, isPublic }: Plan, token: string | undefined, turn: number): { token?: string } {
  if (caller === 'forged') return { token: turn % 2 === 0 ? `${token}x` : 'x'.repeat(turn % 500) };
  return caller === 'stranger' || isPublic ? {} : { token };
}
