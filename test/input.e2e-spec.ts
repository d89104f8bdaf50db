import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createItem, newItem } from './factories/item.factory.js';
import { newRegistration, signedInAdmin, signedInUser, type SignedInUser } from './factories/user.factory.js';
import type { Item, Page, User } from './support/api.js';
import { startTestApp, type TestApp } from './support/app.js';
import { boundedBy, fastestMs } from './support/speed.js';
import type { Answer, HttpClient, RequestOptions } from './support/client.js';
import { sendRaw } from './support/raw-http.js';

const json = { headers: { 'content-type': 'application/json' } };

const missing = '019a0000-0000-7000-8000-000000000000';

const allTypes = [
  'title is_string',
  'price is_string',
  'quantity is_int',
  'tags is_array',
  'status is_in',
  'description is_string',
];

describe('input', () => {
  let app: TestApp;
  let ada: SignedInUser;
  let client: HttpClient;
  let admin: HttpClient;

  beforeAll(async () => {
    app = await startTestApp();
    ada = await signedInUser(app);
    client = app.client.as(ada);
    admin = app.client.as(await signedInAdmin(app));
  });
  afterAll(() => app.close());

  /** Every operation that takes a body, with one that it accepts. */
  function bodyRoutes(): {
    method: string;
    path: string;
    body: Record<string, unknown>;
    client: HttpClient;
    options?: RequestOptions;
  }[] {
    const ifMatch = { headers: { 'if-match': '"1"' } };
    return [
      { method: 'POST', path: '/api/v1/auth/register', body: { ...newRegistration() }, client: app.client },
      { method: 'POST', path: '/api/v1/auth/login', body: { username: 'nobody', password: 'x' }, client: app.client },
      { method: 'POST', path: '/api/v1/items', body: newItem(), client },
      { method: 'PATCH', path: `/api/v1/items/${missing}`, body: { title: 'new' }, client, options: ifMatch },
      { method: 'PATCH', path: '/api/v1/users/me', body: { username: 'new_name' }, client },
      { method: 'PATCH', path: `/api/v1/users/${missing}`, body: { isActive: true }, client: admin },
    ];
  }

  /** Every list, with a caller who may see it. */
  function lists(): [path: string, client: HttpClient][] {
    return [
      ['/api/v1/items', client],
      ['/api/v1/users', admin],
      ['/api/v1/audit-events', admin],
    ];
  }

  /** Every route with an id in its path. */
  function idRoutes(id: string): [method: string, path: string, client: HttpClient][] {
    return [
      ['GET', `/api/v1/items/${id}`, client],
      ['PATCH', `/api/v1/items/${id}`, client],
      ['DELETE', `/api/v1/items/${id}`, client],
      ['POST', `/api/v1/items/${id}/restore`, client],
      ['GET', `/api/v1/users/${id}`, admin],
      ['PATCH', `/api/v1/users/${id}`, admin],
      ['DELETE', `/api/v1/users/${id}`, admin],
    ];
  }

  /** Sends the body to every route that takes one; each must refuse it with the same status. */
  async function everyBodyRoute(body: unknown, options: RequestOptions = json): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const route of bodyRoutes()) {
      const headers = { ...route.options?.headers, ...options.headers };
      answers.push(await route.client.request(route.method, route.path, { body, headers }));
    }
    return answers;
  }

  function create(body: unknown, options: RequestOptions = json): Promise<Answer<Item>> {
    return client.post<Item>('/api/v1/items', body, options);
  }

  describe('D1: text with U+0000 is 400', () => {
    it('in any field of any body', async () => {
      for (const route of bodyRoutes()) {
        for (const field of Object.keys(route.body)) {
          const body = { ...route.body, [field]: 'a\0b' };
          const answer = await route.client.request(route.method, route.path, { body, ...route.options });
          expect(faults(answer)).toEqual([`${field} invalid_text`]);
        }
      }
    });

    it('deep inside, as a key, and in a list', async () => {
      expect(faults(await create({ ...newItem(), tags: ['a', 'b\0'] }))).toEqual(['tags.1 invalid_text']);
      expect(faults(await create('{"title\\u0000":"a"}'))).toEqual([' invalid_text']);
      expect(faults(await create({ a: { b: [{ c: '\0' }] } }))).toEqual(['a.b.0.c invalid_text']);
    });

    it('in any query and any path', async () => {
      for (const [path, as] of lists()) expect(faults(await as.get(`${path}?q=%00`))).toEqual(['q invalid_text']);
      expect(faults(await client.get('/api/v1/items?%00=1'))).toEqual([' invalid_text']);
      for (const [method, path, as] of idRoutes('%00')) {
        expect(faults(await as.request(method, path))).toEqual(['id is_uuid']);
      }
    });
  });

  describe('D2: lone surrogates are 400', () => {
    it.each([String.raw`\ud800`, String.raw`a\udc00b`, String.raw`\udc00\ud800`])('%s in a body', async (text) => {
      expect(faults(await create(`{"title":"${text}","price":"1"}`))).toEqual(['title invalid_text']);
      expect(faults(await create(`{"${text}":"x"}`))).toEqual([' invalid_text']);
    });

    it('percent-encoded in a query', async () => {
      expect(faults(await client.get('/api/v1/items?q=%ED%A0%80'))).toEqual([' invalid_encoding']);
    });

    it('a pair of surrogates is one character and comes back', async () => {
      const { body } = await create(String.raw`{"title":"\ud83d\ude00","price":"1"}`);
      expect((await client.get<Item>(`/api/v1/items/${body.id}`)).body.title).toBe('😀');
    });
  });

  describe('D3: an id that is no UUID is 400', () => {
    it.each(['1', 'x'.repeat(36), '%2e%2e', '019a0000-0000-7000-8000-00000000000', '{id}', "'%20OR%201=1--", 'null'])(
      '%s on every route',
      async (id) => {
        for (const [method, path, as] of idRoutes(id)) {
          const answer = await as.request(method, path, { ...(method === 'PATCH' && { body: {} }) });
          expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
        }
      },
    );

    it('in upper case it is the same', async () => {
      const { id } = await createItem(app, ada);
      expect((await client.get<Item>(`/api/v1/items/${id.toUpperCase()}`)).body.id).toBe(id);
    });
  });

  describe('D4: numbers', () => {
    it.each([2_147_483_648, 1e308, -1, 1.5])('quantity %d is 400', async (quantity) => {
      expect(await create(newItem({ quantity }))).toMatchObject({ status: 400 });
    });

    it('quantity beyond all doubles is 400', async () => {
      expect(await create('{"title":"t","price":"1","quantity":1e400}')).toMatchObject({ status: 400 });
    });

    it.each([0, 2_147_483_647])('quantity %d is kept', async (quantity) => {
      expect(await create(newItem({ quantity }))).toMatchObject({ status: 201, body: { quantity } });
    });

    it.each([
      ['0', '0.00'],
      ['5', '5.00'],
      ['5.5', '5.50'],
      ['007', '7.00'],
      ['9999999999.99', '9999999999.99'],
    ])('price "%s" is answered as "%s"', async (price, answered) => {
      const { body } = await create(newItem({ price }));
      expect(body.price).toBe(answered);
      expect((await client.get<Item>(`/api/v1/items/${body.id}`)).body.price).toBe(answered);
    });

    it.each([
      '',
      '-1',
      '+5',
      '1e3',
      '1.',
      '.5',
      ' 5',
      '5 ',
      '1.999',
      '10000000000',
      '٣',
      'NaN',
      'Infinity',
      '0x10',
      '1,5',
    ])('price "%s" is 400', async (price) => {
      expect(faults(await create(newItem({ price })))).toEqual(['price money']);
    });

    it.each([5, 19.99, null, true])('price %p is 400, as it must be a string', async (price) => {
      expect(faults(await create(newItem({ price })))).toEqual(['price is_string']);
    });

    it.each(['-1', '1e3', '', '1.999', ' 5'])('a price filter of "%s" is 400', async (price) => {
      expect(faults(await client.get('/api/v1/items', { query: { minPrice: price } }))).toEqual(['minPrice money']);
      expect(faults(await client.get('/api/v1/items', { query: { maxPrice: price } }))).toEqual(['maxPrice money']);
    });
  });

  describe('D5: paging', () => {
    const bad = [
      '-1',
      '0',
      '',
      '101',
      '1e9',
      '1e2',
      'NaN',
      '10000000000000000000',
      '+5',
      '%205',
      '0x10',
      '1.0',
      '٣',
      'null',
    ];

    it.each(bad)('limit=%s is 400 in every list', async (limit) => {
      for (const [path, as] of lists()) {
        const answer = await as.get(`${path}?limit=${encodeURI(limit)}`);
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'limit' }] } });
      }
    });

    it.each([
      'limit[]=1',
      'limit[a]=1',
      'limit.a=1',
      'Limit=1',
      'offset=1',
      'page=2',
      'skip=10000000000000000000',
      '=1',
      '=',
    ])('an unknown key, as in ?%s, is 400 in every list', async (query) => {
      for (const [path, as] of lists()) {
        expect(await as.get(`${path}?${query}`)).toMatchObject({
          status: 400,
          body: { errors: [{ code: 'unknown_property' }] },
        });
      }
    });

    it('an unknown key is 400 on routes that take no query', async () => {
      const { id } = await createItem(app, ada);
      const routes = ['/api/v1/users/me', `/api/v1/items/${id}`, '/health', '/health/live', '/health/ready'];
      for (const path of routes)
        expect(faults(await client.get(`${path}?fields=id`))).toEqual(['fields unknown_property']);
      expect(faults(await client.post('/api/v1/items?dry=1', newItem()))).toEqual(['dry unknown_property']);
      expect(faults(await client.delete(`/api/v1/items/${id}?force=1`))).toEqual(['force unknown_property']);
    });

    it.each(['', 'abc', '%00', 'a'.repeat(3000), '../../etc', 'eyJpZCI6MX0'])('cursor=%s is 400', async (cursor) => {
      for (const [path, as] of lists()) expect(await as.get(`${path}?cursor=${cursor}`)).toMatchObject({ status: 400 });
    });

    it.each(['1', '100'])('limit=%s is served', async (limit) => {
      for (const [path, as] of lists()) {
        expect((await as.get<Page<unknown>>(`${path}?limit=${limit}`)).body.page.limit).toBe(Number(limit));
      }
    });
  });

  describe('D6: malformed percent-encoding is 400', () => {
    it.each(['%E0%A4%A', '%', '%zz', '%C0%80', '%FF'])('%s in a path', async (id) => {
      for (const [method, path, as] of idRoutes(id)) {
        expect(await as.request(method, path)).toMatchObject({ status: 400, body: { code: 'malformed_url' } });
      }
    });

    it.each(['%E0%A4%A', '%', '%zz', '%C0%80', '%FF'])('%s in a query', async (text) => {
      for (const [path, as] of lists()) {
        expect(faults(await as.get(`${path}?q=${text}`))).toEqual([' invalid_encoding']);
        expect(faults(await as.get(`${path}?${text}=q`))).toEqual([' invalid_encoding']);
      }
      expect(faults(await client.get(`/api/v1/users/me?${text}`))).toEqual([' invalid_encoding']);
    });
  });

  describe('D7: a body that is no JSON object is 400, and nothing of it is repeated', () => {
    it.each([
      '{"canary-4711":',
      'canary-4711',
      '"canary-4711"',
      '{"a":canary-4711}',
      '{} canary-4711',
      "{'canary-4711':1}",
    ])('%s', async (body) => {
      for (const answer of await everyBodyRoute(body)) {
        expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
        expect(answer.text).not.toContain('canary');
      }
    });

    it.each(['1', 'null', 'true', '"text"', ''.padEnd(3)])('the JSON value %s', async (body) => {
      for (const answer of await everyBodyRoute(body)) expect(answer.status).toBe(400);
    });

    it.each(['[]', '[{"title":"t","price":"1"}]', '[[]]'])('the list %s', async (body) => {
      expect(await create(body)).toMatchObject({ status: 400 });
      expect(await app.client.post('/api/v1/auth/register', body, json)).toMatchObject({ status: 400 });
    });

    it('no body at all tells what is missing', async () => {
      expect(faults(await client.request('POST', '/api/v1/items'))).toEqual(['title is_string', 'price is_string']);
      expect(await app.client.request('POST', '/api/v1/auth/login')).toMatchObject({ status: 400 });
    });

    it.each([
      ['a stray byte', [0xff]],
      ['an overlong form', [0xc0, 0x80]],
      ['a surrogate', [0xed, 0xa0, 0x80]],
      ['a cut character', [0xf0, 0x9f, 0x98]],
    ])('invalid UTF-8: %s', async (_, bytes) => {
      const body = Buffer.concat([Buffer.from('{"title":"'), Buffer.from(bytes), Buffer.from('","price":"1"}')]);
      for (const answer of await everyBodyRoute(body)) expect(faults(answer)).toEqual([' invalid_utf8']);
    });
  });

  describe('D8: another content type or charset is 415', () => {
    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/jsonp',
      'application/vnd.api+json',
      'application/json, text/plain',
      'application/json; charset=utf-7',
      'application/json; charset=latin1',
      'application/json; charset=utf-16',
      'application/json; charset="utf-7"',
      'application/json; charset =utf-7',
      'application/json; charset=utf-8; charset=utf-7',
      'application/json; charset=utf-8x',
    ])('%s', async (type) => {
      for (const answer of await everyBodyRoute('{}', { headers: { 'content-type': type } })) {
        expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
      }
    });

    it('none', async () => {
      for (const answer of await everyBodyRoute('{}', {})) expect(answer.status).toBe(415);
    });

    it.each([
      'application/json',
      'APPLICATION/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
    ])('%s is taken', async (type) => {
      expect((await create(JSON.stringify(newItem()), { headers: { 'content-type': type } })).status).toBe(201);
    });

    it('a merge patch is taken where it has a meaning', async () => {
      const { id } = await createItem(app, ada);
      const headers = { 'content-type': 'application/merge-patch+json', 'if-match': '"1"' };
      expect(await client.patch(`/api/v1/items/${id}`, '{"title":"new"}', { headers })).toMatchObject({ status: 200 });
      expect(await create(JSON.stringify(newItem()), { headers })).toMatchObject({ status: 415 });
    });

    it('a body on a route that takes none is checked all the same', async () => {
      const text = { headers: { 'content-type': 'text/plain' }, body: 'x' };
      expect(await client.get('/api/v1/users/me', text)).toMatchObject({ status: 415 });
      expect(await client.get('/health', { ...json, body: '{' })).toMatchObject({ status: 400 });
    });
  });

  describe('D9: content encodings', () => {
    const packed = gzipSync(JSON.stringify(newItem()));

    function encoded(encoding: string, body: Buffer): Promise<Answer<Item>> {
      return create(body, { headers: { ...json.headers, 'content-encoding': encoding } });
    }

    it('gzip and br are taken', async () => {
      expect((await encoded('gzip', packed)).status).toBe(201);
      expect((await encoded('br', brotliCompressSync(JSON.stringify(newItem())))).status).toBe(201);
    });

    it.each([
      ['no gzip', Buffer.from('not gzip')],
      ['cut gzip', packed.subarray(0, -6)],
      ['gzip with something behind it', Buffer.concat([packed, Buffer.from('xyz')])],
    ])('%s is 400', async (_, body) => {
      expect(await encoded('gzip', body)).toMatchObject({ status: 400, body: { code: 'malformed_body' } });
    });

    it.each(['compress', 'gzip, gzip', 'x', 'aes128gcm'])('the encoding %s is 415', async (encoding) => {
      expect(await encoded(encoding, packed)).toMatchObject({ status: 415 });
    });

    it.each([
      ['gzip', gzipSync(Buffer.alloc(50_000_000, ' '))],
      ['br', brotliCompressSync(Buffer.alloc(50_000_000, ' '))],
    ])('a %s bomb of 50 MB is 413, fast and without memory', async (encoding, bomb) => {
      const memory = process.memoryUsage.rss();
      expect(await encoded(encoding, bomb)).toMatchObject({ status: 413 });
      expect(await fastestMs(() => encoded(encoding, bomb))).toBeLessThan(await boundedBy(100, app.client));
      expect(process.memoryUsage.rss() - memory).toBeLessThan(40_000_000);
    });
  });

  describe('D10: size', () => {
    it.each([102_401, 200_000, 1_000_000])('a body of %d bytes is 413', async (length) => {
      const body = JSON.stringify({ title: 'a'.repeat(length - 12) });
      expect(Buffer.byteLength(body)).toBe(length);
      for (const answer of await everyBodyRoute(body)) {
        expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
      }
    });

    it('a body of 102,400 bytes is read', async () => {
      const body = JSON.stringify({ title: 'a'.repeat(102_400 - 12) });
      expect(faults(await create(body))).toEqual(['title length', 'price is_string']);
    });

    it('what is announced to be huge is refused before it is sent', async () => {
      const head = `POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000000000\r\n\r\n`;
      const [answer] = await sendRaw(app.url, `${head}{"title":`);
      expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
    });

    it.each(['application/json', 'text/plain'])('an endless chunked body of %s is cut at the limit', async (type) => {
      const { text, sent } = await endless(app.url, type);
      expect(text).toMatch(type === 'text/plain' ? /^HTTP\/1\.1 415 / : /^HTTP\/1\.1 413 /);
      expect(text).toContain('"requestId":"');
      expect(text).not.toContain('"requestId":""');
      expect(sent).toBeLessThan(2_000_000);
    });
  });

  describe('D11: nesting over 32 is 400, fast', () => {
    it.each([
      ['5,000 lists', '['.repeat(5000) + ']'.repeat(5000)],
      ['45,000 lists', '['.repeat(45_000) + ']'.repeat(45_000)],
      ['5,000 objects', '{"a":'.repeat(5000) + '1' + '}'.repeat(5000)],
      ['33 lists in a field', `{"tags":${'['.repeat(33)}${']'.repeat(33)}}`],
    ])('%s', async (_, body) => {
      for (const answer of await everyBodyRoute(body)) expect(faults(answer)).toEqual([' too_deep']);
      expect(await fastestMs(() => create(body))).toBeLessThan(await boundedBy(50, app.client));
    });

    it('100,000 lists that never end are malformed', async () => {
      expect(await create('['.repeat(100_000))).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
    });

    it('32 deep is looked at', async () => {
      const body = `{"deep":${'['.repeat(31)}${']'.repeat(31)}}`;
      expect(faults(await create(body))).toContain('deep unknown_property');
    });
  });

  describe('D12: keys that reach for prototypes are 400', () => {
    it.each([
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"prototype":{"polluted":1}}',
      '{"tags":[{"__proto__":{"polluted":1}}]}',
      String.raw`{"\u005f_proto__":{"polluted":1}}`,
    ])('%s in a body', async (body) => {
      for (const answer of await everyBodyRoute(body)) {
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'forbidden_key' }] } });
      }
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
      expect((await client.get('/api/v1/items')).text).not.toContain('polluted');
    });

    it.each(['__proto__', 'constructor', 'prototype', '%5f_proto__'])('%s in a query', async (key) => {
      for (const [path, as] of lists()) {
        expect(await as.get(`${path}?${key}=1`)).toMatchObject({
          status: 400,
          body: { errors: [{ code: 'forbidden_key' }] },
        });
      }
    });

    it.each(['__proto__[polluted]', 'constructor[prototype][polluted]'])('?%s= is an unknown key', async (key) => {
      expect(faults(await client.get(`/api/v1/items?${key}=1`))).toEqual([`${key} unknown_property`]);
    });

    it.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
      '%s, which all objects inherit',
      async (key) => {
        expect(faults(await client.get(`/api/v1/items?${key}=1`))).toEqual([`${key} forbidden_key`]);
        expect(faults(await create(newItem({ [key]: 1 })))).toEqual([`${key} forbidden_key`]);
      },
    );
  });

  describe('D13: repetition', () => {
    it('of a JSON key: the last one wins', async () => {
      const { body } = await create('{"title":"first","price":"1","title":"last"}');
      expect(body.title).toBe('last');
    });

    it('of a query key is 400 in every list', async () => {
      for (const [path, as] of lists()) {
        expect(faults(await as.get(`${path}?limit=1&limit=2`))).toEqual(['limit repeated']);
        expect(faults(await as.get(`${path}?limit=1&%6cimit=1`))).toEqual(['limit repeated']);
      }
    });
  });

  describe('D14: wrong types are 400, each told once, and nothing is coerced', () => {
    const wrong: [unknown, string[]][] = [
      [{}, ['title is_string', 'price is_string']],
      [{ title: 1, price: 1, quantity: '1', tags: 'a', status: 1, description: 1 }, allTypes],
      [{ title: {}, price: {}, quantity: {}, tags: {}, status: {}, description: {} }, allTypes],
      [{ title: [], price: [], quantity: [], tags: { length: 1 }, status: [], description: [] }, allTypes],
      [{ title: true, price: true, quantity: true, tags: true, status: true, description: true }, allTypes],
      [
        { title: null, price: null, quantity: null, tags: null, status: null },
        allTypes.filter((fault) => !fault.startsWith('description')),
      ],
    ];
    it.each(wrong)('%j', async (body, expected) => {
      expect(faults(await create(body)).sort()).toEqual([...expected].sort());
    });

    it('a fault of a list names the element', async () => {
      const tags = ['good', 1, '', null, 'a\nb', {}, 'x'.repeat(51)];
      expect(faults(await create(newItem({ tags })))).toEqual([
        'tags.1 is_string',
        'tags.3 is_string',
        'tags.5 is_string',
        'tags.2 length',
        'tags.6 length',
        'tags.4 single_line',
      ]);
      const { user } = await signedInUser(app);
      expect(faults(await admin.patch(`/api/v1/users/${user.id}`, { roles: ['user', 'root'] }))).toEqual([
        'roles.1 is_in',
      ]);
    });

    it('a list that is too long has one fault', async () => {
      const tags = Array.from({ length: 20_000 }, () => '');
      expect(faults(await create(newItem({ tags })))).toEqual(['tags array_max_size']);
    });

    it.each(['"true"', '1', '"false"', 'null', '{}'])('isActive %s', async (isActive) => {
      const { user } = await signedInUser(app);
      const answer = await admin.patch(`/api/v1/users/${user.id}`, `{"isActive":${isActive}}`, json);
      expect(faults(answer)).toEqual(['isActive is_boolean']);
      expect((await admin.get<User>(`/api/v1/users/${user.id}`)).body.isActive).toBe(true);
    });

    it('of credentials', async () => {
      const register = await app.client.post('/api/v1/auth/register', { username: [], email: {}, password: 1 });
      expect(faults(register).filter((fault) => fault.endsWith('is_string'))).toEqual([
        'username is_string',
        'email is_string',
        'password is_string',
      ]);
      const login = await app.client.post('/api/v1/auth/login', { username: { $ne: null }, password: ['x'] });
      expect(faults(login)).toEqual(['username is_string', 'password is_string']);
    });

    it('unknown properties are refused by every route, and nothing is stored', async () => {
      for (const { method, path, body, client: as, options } of bodyRoutes()) {
        const answer = await as.request(method, path, { ...options, body: { ...body, isAdmin: true } });
        expect(faults(answer)).toEqual(['isAdmin unknown_property']);
      }
    });

    it('every weakness of a password is told apart', async () => {
      const answer = await app.client.post('/api/v1/auth/register', newRegistration({ password: 'é' }));
      expect(faults(answer).sort()).toEqual([
        'password password_digit',
        'password password_length',
        'password password_special',
        'password password_uppercase',
      ]);
    });
  });

  describe('D15: Unicode', () => {
    it.each([
      ['200 emoji', '😀'.repeat(200)],
      ['100 emoji with a variation selector', '❤️'.repeat(100)],
      ['40 families', '👨‍👩‍👧'.repeat(40)],
      ['a combining accent', 'a\u0301'],
      ['a right-to-left override', '\u202eabc'],
      ['a zero-width space and a byte order mark', '\u200b\ufeff'],
      ['noncharacters', '\uffff\u{10ffff}'],
      ['spaces all round', '  a  '],
      ['signs of LIKE, SQL and HTML', String.raw`%_\'";--<script>`],
    ])('%s come back byte for byte', async (_, text) => {
      const { body } = await create(newItem({ title: text, description: text, tags: [text.slice(0, 40)] }));
      const { body: read } = await client.get<Item>(`/api/v1/items/${body.id}`);
      expect([read.title, read.description, read.tags]).toEqual([text, text, [text.slice(0, 40)]]);
    });

    it.each([
      ['201 emoji', '😀'.repeat(201)],
      ['101 emoji with a variation selector', '❤️'.repeat(101)],
      ['nothing', ''],
    ])('a title of %s is 400: lengths are code points', async (_, title) => {
      expect(faults(await create(newItem({ title })))).toEqual(['title length']);
    });

    it('descriptions hold 5,000 code points and tags 50', async () => {
      expect((await create(newItem({ description: '😀'.repeat(5000), tags: ['😀'.repeat(50)] }))).status).toBe(201);
      expect(faults(await create(newItem({ description: '😀'.repeat(5001) })))).toEqual(['description length']);
      expect(faults(await create(newItem({ tags: ['a', '😀'.repeat(51)] })))).toEqual(['tags.1 length']);
    });

    it.each(['\n', '\t', '\r', '\x07', '\x1b', '\x7f', '\x85', '\u2028'])('%j is refused in one line', async (sign) => {
      const text = `a${sign}b`;
      expect(faults(await create(newItem({ title: text })))).toEqual(['title single_line']);
      expect(faults(await create(newItem({ tags: [text] })))).toEqual(['tags.0 single_line']);
      expect(faults(await client.get('/api/v1/items', { query: { q: text } }))).toEqual(['q single_line']);
      const register = await app.client.post('/api/v1/auth/register', newRegistration({ username: text }));
      expect(faults(register)).toEqual(['username matches']);
    });

    it('a description may have lines and tabs, but no other control characters', async () => {
      const description = 'one\ntwo\r\n\tthree';
      expect(await create(newItem({ description }))).toMatchObject({ status: 201, body: { description } });
      for (const sign of ['\x07', '\x1b', '\x7f', '\x85']) {
        expect(faults(await create(newItem({ description: `a${sign}` })))).toEqual(['description multi_line']);
      }
    });
  });

  describe('D16: what a search or a sort says is never code', () => {
    let owner: HttpClient;
    beforeAll(async () => {
      const user = await signedInUser(app);
      owner = app.client.as(user);
      for (const title of ['100% wool', '100 wool', 'snake_case', 'snakeXcase', String.raw`back\slash`, "quote's"]) {
        await createItem(app, user, { title });
      }
    });

    it.each([
      ['%', ['100% wool']],
      ['_', ['snake_case']],
      ['\\', [String.raw`back\slash`]],
      ["'", ["quote's"]],
      ['0% w', ['100% wool']],
      ["' OR '1'='1", []],
      ['.*', []],
    ])('q=%s is literal', async (q, titles) => {
      const { body } = await owner.get<Page<Item>>('/api/v1/items', { query: { q } });
      expect(body.data.map(({ title }) => title)).toEqual(titles);
    });

    it.each(['id;drop table items', 'ownerId', 'Title', '--title', '', 'title,price', 'title desc', 'password_hash'])(
      'sort=%s is 400',
      async (sort) => {
        expect(faults(await owner.get('/api/v1/items', { query: { sort } }))).toEqual(['sort is_in']);
      },
    );

    it.each([
      ['status', "active' OR 1=1"],
      ['include', 'all'],
      ['tag', ''],
      ['q', ''],
    ])('%s=%s is 400', async (key, value) => {
      expect(await owner.get('/api/v1/items', { query: { [key]: value } })).toMatchObject({
        status: 400,
        body: { errors: [{ field: key }] },
      });
    });
  });

  it('E7: long inputs cost no time', async () => {
    const email = [
      'a'.repeat(50_000) + '@b.co',
      'a@' + 'b.'.repeat(25_000) + 'co',
      '@'.repeat(50_000),
      `"${'\\ '.repeat(25_000)}"@b.co`,
    ];
    for (const address of email) {
      const register = () => app.client.post('/api/v1/auth/register', newRegistration({ email: address }));
      expect(await register()).toMatchObject({ status: 400 });
      expect(await fastestMs(register)).toBeLessThan(await boundedBy(50, app.client));
    }
  });

  it('the counts of stored items show that nothing refused was kept', async () => {
    const user = await signedInUser(app);
    for (const body of [
      { title: 'a\0' },
      { title: 't' },
      { ...newItem(), ownerId: ada.user.id },
      { ...newItem(), price: 5 },
    ]) {
      await app.client.as(user).post('/api/v1/items', body);
    }
    expect((await app.client.as(user).get<Page<Item>>('/api/v1/items?include=total')).body.page.total).toBe(0);
  });
});

/** The faults of a 400 answer, each as its field and code. */
function faults({ status, body, text }: Answer<unknown>): string[] {
  if (status !== 400) throw new Error(`${status} ${text.slice(0, 500)}`);
  const { errors = [] } = body as { errors?: { field: string; code: string }[] };
  return errors.map(({ field, code }) => `${field} ${code}`);
}

/** Sends chunks until the server ends the connection. */
function endless(url: string, type: string): Promise<{ text: string; sent: number }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(`POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `1000\r\n${'a'.repeat(0x1000)}\r\n`;
  const timer = setInterval(() => socket.write(chunk), 1);
  return new Promise((resolve) =>
    socket.once('close', () => {
      clearInterval(timer);
      resolve({ text, sent: socket.bytesWritten });
    }),
  );
}
