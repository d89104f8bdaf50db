import { Client } from 'pg';
import { createItem, newItem } from './factories/item.factory.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item, Page } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { StatementRecorder } from './support/statement-recorder.js';

const items = '/api/v1/items';
const otherUsersRows = 20_000;

/** A guard that needs no clock: what reaches PostgreSQL for a request, and whether its plan uses an index. */
describe('Statements a request', () => {
  let database: TestDatabase;
  let recorder: StatementRecorder;
  let app: TestApp;
  let owner: SignedInUser;
  let item: Item;

  beforeAll(async () => {
    database = await createTestDatabase();
    recorder = await StatementRecorder.start(database.url);
    app = await startTestApp({ DATABASE_URL: recorder.url });
    owner = await signedInUser(app);
    for (let i = 0; i < 30; i++) item = await createItem(app, owner);
    await app.sql(
      `INSERT INTO items (id, owner_id, title, price, version, created_at)
       SELECT gen_random_uuid(), $1, 'Filler ' || n, n, 1, now() - n * interval '1 second' FROM generate_series(1, $2::int) n`,
      [(await signedInUser(app)).user.id, otherUsersRows],
    );
    await app.sql('ANALYZE items');
  });

  afterAll(async () => {
    await app.close();
    await recorder.stop();
    await database.drop();
  });

  /** What a request sends to PostgreSQL once its connection and its user's identity are warm. */
  async function statementsOf(send: () => Promise<{ status: number }>, expectedStatus: number): Promise<string[]> {
    await send();
    recorder.take();
    const startedAt = performance.now();
    const { status } = await send();
    const statements = recorder.take();
    expect(status).toBe(expectedStatus);
    // The identities of those who came are read again together, twice a second.
    const isIdentity = (statement: string) => /FROM "?users"?/.test(statement);
    const identityReads = statements.filter(isIdentity).length;
    expect(identityReads).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 450);
    return statements.filter((statement) => !isIdentity(statement));
  }

  const client = () => app.client.as(owner);
  const getItem = () => client().get<Item>(`${items}/${item.id}`);
  const listItems = () => client().get<Page<Item>>(items);

  it('sends one SELECT to get an item', async () => {
    const statements = await statementsOf(getItem, 200);
    expect(statements).toEqual([expect.stringMatching(/^SELECT\b.*\bFROM "?items"?/s)]);
  });

  it('sends one SELECT to list items, on any page', async () => {
    const { body } = await listItems();
    const nextPage = () => client().get(items, { query: { cursor: body.page.nextCursor ?? '' } });
    for (const page of [listItems, nextPage]) {
      const statements = await statementsOf(page, 200);
      expect(statements).toEqual([expect.stringMatching(/^SELECT\b.*\bFROM "?items"?/s)]);
    }
  });

  it('sends one INSERT to create an item, without a transaction around it', async () => {
    const statements = await statementsOf(() => client().post(items, newItem()), 201);
    expect(statements).toEqual([expect.stringMatching(/^INSERT INTO "?items"?/)]);
  });

  it('sends one UPDATE to change an item', async () => {
    let version = item.version;
    const change = async () => {
      const headers = { 'If-Match': `"${version++}"` };
      return client().patch<Item>(`${items}/${item.id}`, { quantity: version }, { headers });
    };
    const statements = await statementsOf(change, 200);
    expect(statements).toEqual([expect.stringMatching(/^UPDATE "?items"?/)]);
  });

  it('sends nothing for health, an unknown route, a missing token or an invalid body', async () => {
    const requests = [
      [() => app.client.get('/health'), 200],
      [() => client().get('/api/v1/nothing'), 404],
      [() => app.client.get(items), 401],
      [() => client().post(items, { title: '' }), 400],
    ] as const;
    for (const [send, status] of requests) expect(await statementsOf(send, status)).toEqual([]);
  });

  it('reads an item by its primary key', async () => {
    expect(await indexesOf(await statementsOf(getItem, 200))).toEqual(['items_pkey']);
  });

  it.each([
    ['createdAt', 'items_owner_created_at_idx'],
    ['-createdAt', 'items_owner_created_at_idx'],
    ['-updatedAt', 'items_owner_updated_at_idx'],
    ['title', 'items_owner_title_idx'],
    ['price', 'items_owner_price_idx'],
  ])('reads each page of the list by %s from its index, without a sort', async (sort, index) => {
    const { body } = await client().get<Page<Item>>(items, { query: { sort } });
    const cursor = body.page.nextCursor ?? '';
    for (const query of [{ sort }, { sort, cursor }] as Record<string, string>[]) {
      const statements = await statementsOf(() => client().get(items, { query }), 200);
      expect(await indexesOf(statements)).toEqual([index]);
    }
  });

  /**
   * The indexes that the plans of the statements scan.
   * @throws Error when a plan reads a whole table or sorts
   */
  async function indexesOf(statements: string[]): Promise<string[]> {
    const direct = new Client({ connectionString: database.url });
    await direct.connect();
    // A generic plan is made without a look at the values.
    await direct.query('SET plan_cache_mode = force_generic_plan');
    try {
      const indexes: string[] = [];
      for (const statement of statements) {
        const count = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
        const values = count > 0 ? `(${Array<string>(count).fill('NULL').join(', ')})` : '';
        await direct.query(`PREPARE captured AS ${statement}`);
        const { rows } = await direct.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (FORMAT JSON) EXECUTE captured${values}`,
        );
        await direct.query('DEALLOCATE captured');
        for (const node of flatten(rows[0]?.['QUERY PLAN'][0].Plan)) {
          if (/Seq Scan|Sort/.test(node['Node Type'])) throw new Error(`${node['Node Type']} in ${statement}`);
          if (node['Index Name']) indexes.push(node['Index Name']);
        }
      }
      return indexes;
    } finally {
      await direct.end();
    }
  }
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

function flatten(node: PlanNode | undefined): PlanNode[] {
  return node ? [node, ...(node.Plans ?? []).flatMap(flatten)] : [];
}
