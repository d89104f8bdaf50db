import { createItem } from './factories/item.factory.js';
import { newRegistration, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';

interface ItemsPage {
  readonly data: Item[];
  readonly page: { readonly nextCursor: string | null };
}

const inParallel = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

describe('Races', () => {
  let app: TestApp;
  let owner: SignedInUser;

  beforeAll(async () => {
    app = await startTestApp();
    owner = await signedInUser(app);
  });
  afterAll(() => app.close());

  it('H1: of 20 registrations of one address at once, one is 201 and nineteen are 409', async () => {
    const { email, password } = newRegistration();
    // More at once would be refused as overloaded, which is no answer to the question.
    const answers = [];
    for (let round = 0; round < 4; round++) {
      answers.push(
        ...(await inParallel(5, (index) =>
          app.client.post<User>('/api/v1/auth/register', { username: `racer_${round}_${index}`, email, password }),
        )),
      );
    }
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array<number>(19).fill(409)]);
    expect(await app.sql('SELECT 1 FROM users WHERE email_key = $1', [email])).toHaveLength(1);
  });

  it('H1: of 5 registrations of one username in any case, one wins', async () => {
    const { username, password } = newRegistration();
    const answers = await inParallel(5, (index) =>
      app.client.post<User>('/api/v1/auth/register', {
        username: index % 2 ? username.toUpperCase() : username,
        email: `${username}_${index}@example.com`,
        password,
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it('H2: of 20 changes with the same If-Match, one is 200 and the rest are 412', async () => {
    const item = await createItem(app, owner);
    const answers = await inParallel(20, (index) =>
      app.client
        .as(owner)
        .patch<Item>(`/api/v1/items/${item.id}`, { quantity: index }, { headers: { 'if-match': '"1"' } }),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    const { body } = await app.client.as(owner).get<Item>(`/api/v1/items/${item.id}`);
    expect(body).toEqual(won[0]?.body);
    expect(body.version).toBe(2);
  });

  it('H2: changes with If-Match: * all count, and none is lost', async () => {
    const item = await createItem(app, owner);
    const answers = await inParallel(10, (index) =>
      app.client
        .as(owner)
        .patch<Item>(`/api/v1/items/${item.id}`, { quantity: index }, { headers: { 'if-match': '*' } }),
    );
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('H5: of a deletion and changes at once, each is 204, 200, 404 or 412 and the item ends deleted', async () => {
    const item = await createItem(app, owner);
    const changes = inParallel(10, () =>
      app.client.as(owner).patch<Item>(`/api/v1/items/${item.id}`, { quantity: 1 }, { headers: { 'if-match': '*' } }),
    );
    const removal = await app.client.as(owner).delete(`/api/v1/items/${item.id}`);
    expect(removal.status).toBe(204);
    for (const { status } of await changes) expect([200, 404, 412]).toContain(status);
    expect((await app.client.as(owner).get(`/api/v1/items/${item.id}`)).status).toBe(404);
  });

  it('H6: a walk through a list repeats nothing and skips nothing that was there, while others write', async () => {
    const reader = await signedInUser(app);
    const before: string[] = [];
    for (let index = 0; index < 30; index++) before.push((await createItem(app, reader)).id);
    const doomed = before.slice(10, 12);

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string | number> = cursor === null ? { limit: 4 } : { limit: 4, cursor };
      const { body }: { body: ItemsPage } = await app.client.as(reader).get<ItemsPage>('/api/v1/items', { query });
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.page.nextCursor;
      await createItem(app, reader);
      const victim = doomed.pop();
      if (victim && !seen.includes(victim)) await app.client.as(reader).delete(`/api/v1/items/${victim}`);
    } while (cursor !== null);

    expect(new Set(seen).size).toBe(seen.length);
    const kept = before.filter((id) => !before.slice(10, 12).includes(id));
    expect(seen).toEqual(expect.arrayContaining(kept));
  });
});
