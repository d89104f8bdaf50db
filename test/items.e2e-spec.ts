import { createItem, newItem } from './factories/item.factory.js';
import { signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item, Page } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import type { Answer, HttpClient, RequestOptions } from './support/client.js';

const missing = '01936c1e-8f2a-7c3b-9a41-5d2f7be01234';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

describe('Items', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let bob: SignedInUser;
  let client: HttpClient;
  let stranger: HttpClient;

  beforeAll(async () => {
    app = await startTestApp();
    ada = await signedInUser(app);
    bob = await signedInUser(app);
    client = app.client.as(ada);
    stranger = app.client.as(bob);
  });
  afterAll(() => app.close());

  const read = async (id: string) => (await client.get<Item>(`/api/v1/items/${id}`)).body;
  const patch = (item: { id: string }, ifMatch: string | undefined, changes: unknown, options: RequestOptions = {}) =>
    client.patch<Item>(`/api/v1/items/${item.id}`, changes, {
      ...options,
      headers: { ...options.headers, ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
    });
  /** All but what differs from one answer to the next. */
  const comparable = ({ status, headers, text }: Answer<unknown>) => {
    const { date: _date, 'x-process-time': _time, ...others } = headers;
    return { status, headers: others, text };
  };

  describe('POST /api/v1/items', () => {
    it('creates an item from title and price alone', async () => {
      const { status, headers, body } = await client.post<Item>('/api/v1/items', { title: 'Sextant', price: '19.99' });
      expect(status).toBe(201);
      expect(headers).toMatchObject({ location: `/api/v1/items/${body.id}`, etag: '"1"' });
      expect(body).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        ownerId: ada.user.id,
        title: 'Sextant',
        description: null,
        price: '19.99',
        quantity: 0,
        status: 'draft',
        tags: [],
        version: 1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: body.createdAt,
      });
      expect(await read(body.id)).toEqual(body);
    });

    it('keeps every field as it was sent', async () => {
      const whole = {
        title: ' “Sextant” 🧭 of Ångström & sons ',
        description: 'Two lines,\n\tone tab.',
        price: '9999999999.99',
        quantity: 2_147_483_647,
        status: 'archived',
        tags: ['brass', 'brass', 'a b', '🧭'.repeat(50)],
      };
      const item = await createItem(app, ada, whole);
      expect(item).toMatchObject(whole);
      expect(await read(item.id)).toEqual(item);
    });

    it.each([
      ['0', '0.00'],
      ['5', '5.00'],
      ['5.5', '5.50'],
      ['007.10', '7.10'],
      ['9999999999', '9999999999.00'],
    ])('takes the price %s as %s', async (price, stored) => {
      const item = await createItem(app, ada, { price });
      expect(item.price).toBe(stored);
      expect((await read(item.id)).price).toBe(stored);
    });

    it('answers 401 to strangers', async () => {
      expect((await app.client.post('/api/v1/items', newItem())).status).toBe(401);
    });

    it('lists every fault of the body at once, each once', async () => {
      const { status, body } = await client.post('/api/v1/items', {
        title: '',
        description: 'x'.repeat(5001),
        price: 19.99,
        quantity: '3',
        status: 'sold',
        tags: ['', 'ok', 5, 'x'.repeat(51), 'a\nb'],
        colour: 'brass',
      });
      expect(status).toBe(400);
      expect(body.errors?.map(({ field, code }) => `${field}:${code}`).sort()).toEqual([
        'colour:unknown_property',
        'description:length',
        'price:is_string',
        'quantity:is_int',
        'status:is_in',
        'tags.0:length',
        'tags.2:is_string',
        'tags.3:length',
        'tags.4:single_line',
        'title:length',
      ]);
    });

    it.each(['title', 'price', 'quantity', 'status', 'tags'])('answers 400 to null as %s', async (field) => {
      const { status, body } = await client.post('/api/v1/items', newItem({ [field]: null }));
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field }]);
    });
  });

  describe('GET /api/v1/items/:id', () => {
    it('answers 401 to strangers and 400 to what is no id', async () => {
      const item = await createItem(app, ada);
      expect((await app.client.get(`/api/v1/items/${item.id}`)).status).toBe(401);
      expect((await client.get('/api/v1/items/1')).status).toBe(400);
      expect((await client.get(`/api/v1/items/${item.id}?fields=title`)).status).toBe(400);
    });

    it.each([
      ['"2"', 304],
      ['W/"2"', 304],
      ['*', 304],
      ['"1", "2"', 304],
      ['"1" , W/"2","3"', 304],
      ['"1"', 200],
      ['2', 200],
      ['"2', 200],
      ['"02"', 200],
      ['', 200],
    ])('answers If-None-Match: %s for version 2 with %d', async (ifNoneMatch, expected) => {
      const item = await createItem(app, ada);
      await patch(item, '"1"', { quantity: 1 });
      for (const method of ['GET', 'HEAD']) {
        const answer = await client.request(method, `/api/v1/items/${item.id}`, {
          headers: { 'if-none-match': ifNoneMatch },
        });
        expect(answer.status).toBe(expected);
        expect(answer.headers.etag).toBe('"2"');
        if (expected === 304) expect(answer.text).toBe('');
      }
    });
  });

  describe('PATCH /api/v1/items/:id', () => {
    it('changes what is named and nothing else, and tells the new version', async () => {
      const item = await createItem(app, ada, { description: 'Old', tags: ['a'] });
      const { status, headers, body } = await patch(item, '"1"', { price: '5', tags: [] });
      expect(status).toBe(200);
      expect(headers.etag).toBe('"2"');
      expect(body).toEqual({ ...item, price: '5.00', tags: [], version: 2, updatedAt: body.updatedAt });
      expect(body.updatedAt >= item.updatedAt).toBe(true);
      expect(await read(item.id)).toEqual(body);
    });

    it('is a merge patch: null empties the description, and only that', async () => {
      const item = await createItem(app, ada, { description: 'Old' });
      const { status, body } = await patch(item, '"1"', Buffer.from('{"description":null}'), { headers: mergePatch });
      expect(status).toBe(200);
      expect(body.description).toBeNull();
      for (const field of ['title', 'price', 'quantity', 'status', 'tags']) {
        expect((await patch(item, '"2"', { [field]: null })).status).toBe(400);
      }
    });

    it('raises the version by every change, that to the same value too', async () => {
      const item = await createItem(app, ada);
      const { body } = await patch(item, '"1"', { title: item.title });
      expect(body).toMatchObject({ title: item.title, version: 2 });
    });

    it('takes an empty patch for a change of no field', async () => {
      const item = await createItem(app, ada, { description: 'Kept' });
      expect((await patch(item, '"9"', {})).status).toBe(412);
      const { status, body } = await patch(item, '"1"', {});
      expect(status).toBe(200);
      const { version, updatedAt } = body;
      expect(body).toEqual({ ...item, version, updatedAt });
    });

    it.each(['"1"', '*', ' "1" ', '"7", "1"', '"7","1","8"', 'W/"1", "1"', '"other", "1"'])(
      'takes If-Match: %s for version 1',
      async (ifMatch) => {
        expect((await patch(await createItem(app, ada), ifMatch, { quantity: 1 })).status).toBe(200);
      },
    );

    it.each([
      '"2"',
      'W/"1"',
      '1',
      '',
      '"',
      '"01"',
      '"1',
      "'1'",
      '"1.0"',
      '"-1"',
      '"99999999999999999999"',
      '"*"',
      'null',
    ])('answers 412 to If-Match: %s for version 1, and changes nothing', async (ifMatch) => {
      const item = await createItem(app, ada);
      const answer: Answer<unknown> = await patch(item, ifMatch, { quantity: 1 });
      expect(answer).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
      expect(await read(item.id)).toEqual(item);
    });

    it('answers 428 without If-Match, and changes nothing', async () => {
      const item = await createItem(app, ada);
      const answer: Answer<unknown> = await patch(item, undefined, { quantity: 1 });
      expect(answer).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
      expect(await read(item.id)).toEqual(item);
    });

    it('answers 401 to strangers, 400 to faults and to what is no id, all of them at once', async () => {
      const item = await createItem(app, ada);
      const path = `/api/v1/items/${item.id}`;
      expect((await app.client.patch(path, { quantity: 1 }, { headers: { 'if-match': '*' } })).status).toBe(401);
      expect((await patch({ id: 'one' }, '"1"', { quantity: 1 })).status).toBe(400);
      const answer: Answer<unknown> = await patch(item, '"1"', { price: '1.999', quantity: -1, ownerId: bob.user.id });
      expect(answer).toMatchObject({ status: 400, body: { errors: { length: 3 } } });
      expect(await read(item.id)).toEqual(item);
    });
  });

  describe('DELETE /api/v1/items/:id', () => {
    it('hides the item everywhere', async () => {
      const item = await createItem(app, ada, { tags: ['to-be-deleted'] });
      const path = `/api/v1/items/${item.id}`;
      const { status, text } = await client.delete(path);
      expect({ status, text }).toEqual({ status: 204, text: '' });
      expect((await client.get(path)).status).toBe(404);
      expect((await patch(item, '*', { quantity: 1 })).status).toBe(404);
      expect((await patch(item, undefined, { quantity: 1 })).status).toBe(404);
      expect((await client.delete(path)).status).toBe(404);
      const list = await client.get<Page<Item>>('/api/v1/items?tag=to-be-deleted&include=total');
      expect(list.body).toMatchObject({ data: [], page: { total: 0 } });
    });

    it.each([
      ['"1"', 204],
      ['*', 204],
      ['"1", "2"', 204],
      ['"2"', 412],
      ['W/"1"', 412],
      ['', 412],
    ])('answers If-Match: %s for version 1 with %d', async (ifMatch, expected) => {
      const item = await createItem(app, ada);
      const { status } = await client.delete(`/api/v1/items/${item.id}`, { headers: { 'if-match': ifMatch } });
      expect(status).toBe(expected);
      expect((await client.get(`/api/v1/items/${item.id}`)).status).toBe(expected === 204 ? 404 : 200);
    });

    it('answers 401 to strangers and 400 to what is no id', async () => {
      const item = await createItem(app, ada);
      expect((await app.client.delete(`/api/v1/items/${item.id}`)).status).toBe(401);
      expect((await client.delete('/api/v1/items/one')).status).toBe(400);
    });
  });

  describe('POST /api/v1/items/:id/restore', () => {
    it('brings a deleted item back as it was; deleting and restoring raise the version', async () => {
      const item = await createItem(app, ada, { description: 'Kept', tags: ['kept'], quantity: 7 });
      await client.delete(`/api/v1/items/${item.id}`);
      const { status, headers, body } = await client.post<Item>(`/api/v1/items/${item.id}/restore`);
      expect(status).toBe(200);
      expect(headers.etag).toBe('"3"');
      expect(body).toEqual({ ...item, version: 3, updatedAt: body.updatedAt });
      expect(await read(item.id)).toEqual(body);
      // What was read before the deletion is stale.
      expect((await patch(item, '"1"', { quantity: 1 })).status).toBe(412);
      expect((await patch(item, '"3"', { quantity: 1 })).status).toBe(200);
    });

    it('leaves an item alone that is not deleted', async () => {
      const item = await createItem(app, ada);
      const { status, body } = await client.post<Item>(`/api/v1/items/${item.id}/restore`);
      expect(status).toBe(200);
      expect(body).toEqual(item);
    });

    it('answers 401 to strangers, 400 to what is no id and 404 to what never was', async () => {
      expect((await app.client.post(`/api/v1/items/${missing}/restore`)).status).toBe(401);
      expect((await client.post('/api/v1/items/one/restore')).status).toBe(400);
      expect((await client.post(`/api/v1/items/${missing}/restore`)).status).toBe(404);
    });
  });

  it.each([
    ['GET', '', undefined],
    ['HEAD', '', undefined],
    ['PATCH', '', { quantity: 1 }],
    ['DELETE', '', undefined],
    ['POST', '/restore', undefined],
  ])("C1: %s /api/v1/items/:id%s takes another user's item for a missing one", async (method, suffix, body) => {
    const item = await createItem(app, ada);
    const deleted = await createItem(app, ada);
    await client.delete(`/api/v1/items/${deleted.id}`);
    const conditions = ['*', '"1"', '"9"', undefined];
    for (const ifMatch of conditions) {
      const headers = { 'x-request-id': 'same', ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
      const send = (id: string) => stranger.request(method, `/api/v1/items/${id}${suffix}`, { headers, body });
      const ofMissing = comparable(await send(missing));
      expect(ofMissing.status).toBe(404);
      expect(comparable(await send(item.id))).toEqual(ofMissing);
      expect(comparable(await send(deleted.id))).toEqual(ofMissing);
    }
    expect(await read(item.id)).toEqual(item);
    expect((await client.get(`/api/v1/items/${deleted.id}`)).status).toBe(404);
  });

  describe('GET /api/v1/items', () => {
    let owner: SignedInUser;
    let items: Item[];

    beforeAll(async () => {
      owner = await signedInUser(app);
      items = [];
      const titles = [
        'Zinc',
        'apple',
        'Apple',
        'äpfel',
        '🧭 compass',
        '"quoted" \\ back',
        'apple',
        'Mid',
        'Zinc',
        '100% _sure_',
      ];
      for (const [index, title] of titles.entries()) {
        items.push(
          await createItem(app, owner, {
            title,
            price: ['10.00', '9.99', '100', '9.99', '0'][index % 5],
            status: ['draft', 'active', 'archived'][index % 3],
            tags: index % 2 ? ['odd', 'a,b'] : ['even'],
            description: index === 7 ? 'Holds a Needle\nand a C:\\path_%' : null,
          }),
        );
      }
      // Others' items never show.
      await createItem(app, ada, { title: 'apple', tags: ['odd'] });
    });

    const list = async (query: Record<string, string | number> = {}) => {
      const { status, body } = await app.client.as(owner).get<Page<Item>>('/api/v1/items', { query });
      expect(status).toBe(200);
      return body;
    };
    const walk = async (query: Record<string, string | number>) => {
      const seen: Item[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const { data, page } = await list({ ...query, ...(cursor && { cursor }) });
        seen.push(...data);
        cursor = page.nextCursor;
      }
      return seen;
    };
    const refused = async (query: string, user = owner) => {
      const { status, body } = await app.client.as(user).get(`/api/v1/items?${query}`);
      expect(status).toBe(400);
      return body.errors?.map(({ field, code }) => `${field}:${code}`);
    };

    it('answers 401 to strangers', async () => {
      expect((await app.client.get('/api/v1/items')).status).toBe(401);
    });

    it('lists the own items as they are read one by one, newest first, 20 on a page', async () => {
      const { data, page } = await list();
      expect(data).toEqual([...items].reverse());
      expect(page).toEqual({ limit: 20, nextCursor: null });
    });

    it('C1: holds nothing of others', async () => {
      const foreign = await app.client.as(bob).get<Page<Item>>('/api/v1/items?include=total');
      expect(foreign.body).toEqual({ data: [], page: { limit: 20, nextCursor: null, total: 0 } });
      expect((await list({ q: 'apple' })).data.every(({ ownerId }) => ownerId === owner.user.id)).toBe(true);
    });

    it('ends on a page that is just full', async () => {
      expect((await list({ limit: items.length })).page.nextCursor).toBeNull();
      expect((await list({ limit: items.length - 1 })).page.nextCursor).not.toBeNull();
    });

    const byCodePoints = (a: string, b: string) => Buffer.from(a).compare(Buffer.from(b));
    it.each([
      ['createdAt', (a: Item, b: Item) => byCodePoints(a.createdAt, b.createdAt)],
      ['updatedAt', (a: Item, b: Item) => byCodePoints(a.updatedAt, b.updatedAt)],
      ['title', (a: Item, b: Item) => byCodePoints(a.title, b.title)],
      ['price', (a: Item, b: Item) => Number(a.price) - Number(b.price)],
    ] as const)('sorts by %s, forth and back, over pages of any size, ties by id', async (sort, compare) => {
      const expected = [...items].sort((a, b) => compare(a, b) || byCodePoints(a.id, b.id));
      for (const limit of [1, 3, 100]) {
        expect(await walk({ sort, limit })).toEqual(expected);
        expect(await walk({ sort: `-${sort}`, limit })).toEqual([...expected].reverse());
      }
    });

    it.each([
      [{ status: 'active' }, (item: Item) => item.status === 'active'],
      [{ tag: 'odd' }, (item: Item) => item.tags.includes('odd')],
      [{ tag: 'a,b' }, (item: Item) => item.tags.includes('a,b')],
      [{ tag: 'od' }, () => false],
      [{ tag: 'ODD' }, () => false],
      [{ minPrice: '9.99' }, (item: Item) => Number(item.price) >= 9.99],
      [{ maxPrice: '9.99' }, (item: Item) => Number(item.price) <= 9.99],
      [{ maxPrice: '0' }, (item: Item) => item.price === '0.00'],
      [{ minPrice: '9', maxPrice: '10.0' }, (item: Item) => Number(item.price) >= 9 && Number(item.price) <= 10],
      [{ minPrice: '10', maxPrice: '9' }, () => false],
      [{ q: 'APPLE' }, (item: Item) => item.title.toLowerCase().includes('apple')],
      [{ q: 'p' }, (item: Item) => /p/i.test(item.title + (item.description ?? ''))],
      [{ q: 'ÄPF' }, (item: Item) => item.title === 'äpfel'],
      [{ q: '🧭' }, (item: Item) => item.title === '🧭 compass'],
      [{ q: 'needle' }, (item: Item) => item.title === 'Mid'],
      [{ q: '%' }, (item: Item) => (item.title + (item.description ?? '')).includes('%')],
      [{ q: '_' }, (item: Item) => (item.title + (item.description ?? '')).includes('_')],
      [{ q: '\\' }, (item: Item) => (item.title + (item.description ?? '')).includes('\\')],
      [{ q: '_%' }, (item: Item) => item.title === 'Mid'],
      [{ q: '% _' }, (item: Item) => item.title === '100% _sure_'],
      [{ q: '"quoted" \\' }, (item: Item) => item.title.startsWith('"quoted"')],
      [{ q: "'; DROP TABLE items; --" }, () => false],
      [{ q: 'apple', status: 'active', tag: 'odd', maxPrice: '9.99' }, (item: Item) => item.title === 'apple'],
    ])('D16: filters by %j, with its total', async (query, matches) => {
      const expected = items
        .filter(matches)
        .filter(({ status }) => !('q' in query && 'status' in query) || status === 'active')
        .reverse();
      expect(await walk({ ...query, limit: 2 })).toEqual(expected);
      expect((await list({ ...query, include: 'total', limit: 1 })).page.total).toBe(expected.length);
    });

    it('counts only when it is asked to, and all pages', async () => {
      expect((await list()).page).not.toHaveProperty('total');
      const first = await list({ limit: 3, include: 'total' });
      const second = await list({ limit: 3, include: 'total', cursor: first.page.nextCursor! });
      expect([first.page.total, second.page.total]).toEqual([items.length, items.length]);
    });

    it.each([
      ['sort=id', 'sort:is_in'],
      ['sort=', 'sort:is_in'],
      ['sort=title,price', 'sort:is_in'],
      ['status=sold', 'status:is_in'],
      ['minPrice=-1', 'minPrice:money'],
      ['maxPrice=1e3', 'maxPrice:money'],
      ['q=', 'q:length'],
      ['tag=', 'tag:length'],
      ['include=owner', 'include:is_in'],
      ['limit=101', 'limit:max'],
      ['limit=0', 'limit:min'],
      ['owner=me', 'owner:unknown_property'],
      ['cursor=', 'cursor:invalid_cursor'],
    ])('answers 400 to ?%s', async (query, fault) => {
      expect(await refused(query)).toEqual([fault]);
    });

    it('lists all faults of a query at once', async () => {
      const faults = await refused('sort=id&limit=0&status=sold&owner=me');
      expect(faults?.sort()).toEqual(['limit:min', 'owner:unknown_property', 'sort:is_in', 'status:is_in']);
    });

    it('C2: a cursor is good for its list only: same owner, order and filters', async () => {
      const query = { limit: 1, sort: 'title', q: 'a' };
      const cursor = (await list(query)).page.nextCursor!;
      expect((await list({ ...query, limit: 5, cursor })).data.length).toBeGreaterThan(0);
      for (const other of [
        '',
        'sort=-title&q=a',
        'sort=price&q=a',
        'sort=title&q=b',
        'sort=title',
        'sort=title&q=a&tag=odd',
      ]) {
        expect(await refused(`${other}&cursor=${cursor}`)).toEqual(['cursor:invalid_cursor']);
      }
      expect(await refused(`sort=title&q=a&cursor=${cursor}`, ada)).toEqual(['cursor:invalid_cursor']);
    });

    it('C2: a cursor that was edited anywhere is refused', async () => {
      const cursor = (await list({ limit: 1 })).page.nextCursor!;
      const edits = Array.from(
        cursor,
        (sign, index) => `${cursor.slice(0, index)}${sign === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`,
      );
      const forged = Buffer.from(JSON.stringify(['2999-01-01T00:00:00.000Z', missing])).toString('base64url');
      const bytes = Buffer.from(cursor, 'base64url');
      for (const edited of [
        ...edits,
        forged,
        cursor.slice(0, -1),
        cursor.slice(1),
        `${cursor}A`,
        `${cursor}=`,
        `${cursor}.`,
        Buffer.concat([bytes.subarray(0, 16), Buffer.from(JSON.stringify(['', missing]))]).toString('base64url'),
        bytes.subarray(0, 16).toString('base64url'),
      ]) {
        expect(await refused(`limit=1&cursor=${edited}`)).toEqual(['cursor:invalid_cursor']);
      }
    });

    it('pages through titles of the greatest length', async () => {
      const writer = await signedInUser(app);
      for (const sign of ['🧭', '"', '\\', 'é']) await createItem(app, writer, { title: sign.repeat(200) });
      const titles: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const { body } = await app.client.as(writer).get<Page<Item>>('/api/v1/items', {
          query: { sort: 'title', limit: 1, ...(cursor && { cursor }) },
        });
        titles.push(...body.data.map(({ title }) => title));
        cursor = body.page.nextCursor;
      }
      expect(titles).toEqual(['"', '\\', 'é', '🧭'].map((sign) => sign.repeat(200)));
    });

    it.each(['createdAt', '-createdAt', 'title', '-title', 'price', '-price'])(
      'H6: while others write, a walk by %s repeats nothing and skips nothing that was there',
      async (sort) => {
        const writer = await signedInUser(app);
        const as = app.client.as(writer);
        const before: Item[] = [];
        for (let index = 0; index < 12; index++) {
          before.push(await createItem(app, writer, { title: `T${index % 4}`, price: String(index % 3) }));
        }
        // Every third one vanishes on the way.
        const doomed = before.filter((_, index) => index % 3 === 0);
        const seen: string[] = [];
        for (let cursor: string | null | undefined, turn = 0; cursor !== null; turn++) {
          const { body } = await as.get<Page<Item>>('/api/v1/items', {
            query: { sort, limit: 2, ...(cursor && { cursor }) },
          });
          seen.push(...body.data.map(({ id }) => id));
          cursor = body.page.nextCursor;
          if (turn >= 6) continue;
          for (const title of ['A', 'T1', 'T3', 'Z']) await createItem(app, writer, { title, price: String(turn % 4) });
          const victim = doomed.pop();
          if (victim) await as.delete(`/api/v1/items/${victim.id}`);
        }
        expect(new Set(seen).size).toBe(seen.length);
        const survivors = before.filter((_, index) => index % 3 !== 0).map(({ id }) => id);
        expect(seen).toEqual(expect.arrayContaining(survivors));
      },
    );
  });
});
