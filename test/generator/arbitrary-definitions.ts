import fc from 'fast-check';
import { pluralOf } from '../../schematics/definition/names.ts';
import { takenFields, sqlWords, typescriptWords } from '../../schematics/definition/reserved-words.ts';

const word = fc.stringMatching(/^[a-z]{3,8}$/).filter((text) => {
  const isTaken = takenFields.has(text) || sqlWords.has(text) || typescriptWords.has(text);
  return !isTaken && pluralOf(text) !== text;
});

const fieldName = fc
  .tuple(word, fc.option(word, { nil: '' }))
  .map(([first, second]) => first + second.charAt(0).toUpperCase() + second.slice(1));

const presence = fc.constantFrom('', '?');
const flags = (...names: string[]) => fc.subarray(names).map((chosen) => chosen.map((name) => `:${name}`).join(''));
const range = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    .map(([a, b]) => `:min=${Math.min(a, b)}:max=${Math.max(a, b)}`);
const maybe = (modifier: fc.Arbitrary<string>) => fc.option(modifier, { nil: '' });
const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(''));

/** What stands after the name of a field, all of it valid. */
const fieldType = fc.oneof(
  join(fc.constant('string'), maybe(range(1, 1000)), flags('unique', 'index', 'searchable', 'sortable', 'filterable')),
  join(fc.constant('string'), presence, flags('unique', 'searchable', 'filterable')),
  join(fc.constant('text'), presence, maybe(range(0, 20_000)), flags('searchable')),
  join(
    fc.constant('integer'),
    maybe(range(-2_147_483_648 + 1, 2_147_483_647)),
    flags('unique', 'index', 'sortable', 'filterable'),
  ),
  join(fc.constant('integer?'), flags('unique', 'index', 'filterable')),
  join(fc.constant('integer:default='), fc.integer({ min: -9, max: 9 }).map(String), flags('sortable', 'filterable')),
  join(fc.constant('bigint'), presence, maybe(range(-1e15, 1e15)), flags('unique', 'filterable')),
  join(
    fc.constantFrom('decimal', 'decimal(20,6)', 'decimal(38,1)'),
    maybe(range(-9999, 9999)),
    flags('unique', 'sortable', 'filterable'),
  ),
  join(fc.constantFrom('boolean', 'boolean?', 'boolean:default=true'), flags('filterable', 'index')),
  join(fc.constant('date'), presence, flags('unique', 'filterable')),
  join(fc.constantFrom('datetime', 'date'), flags('sortable', 'filterable', 'index')),
  join(fc.constant('uuid'), presence, flags('unique', 'filterable')),
  join(
    fc.constantFrom('enum(draft)', 'enum(a,B-2,c_3)', 'enum(on,off)?', 'enum(x,y):default=y'),
    flags('filterable', 'index'),
  ),
  join(fc.constant('json'), presence),
  join(fc.constant('list'), flags('filterable')),
  join(fc.constantFrom('ref:users', 'ref:items', 'ref:user'), presence, flags('filterable')),
);

/** The arguments after the name of a valid module. */
export const validFields = fc
  .uniqueArray(fc.tuple(fieldName, fieldType), { minLength: 1, maxLength: 8, selector: ([name]) => name.toLowerCase() })
  .map((fields) => fields.map(([name, type]) => `${name}:${type}`));

export const validOptions = fc.oneof(
  fc.subarray(['--public', '--no-owner', '--admin-only']),
  fc.subarray(['--admin-only']).map((options) => [...options, '--parent']),
);

/** The arguments of a module that has a fault. */
export const invalidArguments = fc.oneof(
  fc.tuple(fc.constantFrom('orders', 'people'), invalidField()).map(([name, field]) => [name, field]),
  fc
    .constantFrom(
      'item',
      'items',
      'Users',
      'audit-event',
      'class',
      'delete',
      'columns',
      'maps',
      'order lines',
      '9lives',
      'a--b',
      '',
      'ä',
      'x'.repeat(64),
    )
    .map((name) => [name, 'title:string']),
  fc.tuple(word, fieldType).map(([name, type]) => ['orders', `${name}:${type}`, `${name}:${type}`]),
  fc.constantFrom(
    [],
    ['orders'],
    ['orders', 'title:string', '--colour'],
    ['orders', 'title:string', '--parent', 'nowhere'],
    ['orders', 'title:string', '--parent', 'users'],
    ['orders', 'title:string', '--parent', 'orders'],
    ['orders', 'title:string', '--parent', 'items', '--public'],
    ['orders', 'title:string', '--parent', 'items', '--no-owner'],
    ['orders', 'item:ref:items', '--parent', 'items'],
    ['--from'],
    ['--from', 'nowhere.yaml'],
    ['orders', 'title:string', '--from', 'x.yaml'],
  ),
  word.map((name) => ['orders', `${name}:ref:no${name}`]),
  word.map((name) => ['orders', `${name.repeat(20)}:integer:index`]),
);

function invalidField(): fc.Arbitrary<string> {
  const types = fc.constantFrom(
    ...[
      'varchar',
      'string?:sortable',
      'text:unique',
      'json:filterable',
      'list?',
      'list:unique',
      'boolean:unique',
      'enum',
      'enum()',
    ],
    ...[
      'enum(a,a)',
      "enum(a'b)",
      'enum(a):default=b',
      'decimal(2,2)',
      'decimal(99,2)',
      'decimal(a,b)',
      'integer:min=x',
      'integer:min=2:max=1',
    ],
    ...[
      'integer?:default=1',
      'integer:default=1.5',
      'uuid:default=1',
      'date:default=2026-02-30',
      'datetime:default=now',
      'string:max=9999',
    ],
    ...[
      'string:min=-1',
      'integer:searchable',
      'ref',
      'ref:',
      'ref:users:default=1',
      'string:unique=yes',
      'string:',
      'string(5)',
      'integer:max=99999999999',
    ],
  );
  const names = fc.constantFrom(
    'order',
    'select',
    'class',
    'id',
    'ownerId',
    'version',
    'q',
    'Title',
    'due_at',
    '1st',
    'a b',
    'URLPath',
    '',
  );
  return fc.oneof(
    fc.tuple(word, types).map(([name, type]) => `${name}:${type}`),
    names.map((name) => `${name}:string`),
    word,
  );
}
