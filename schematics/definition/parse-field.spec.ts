import { parseField } from './parse-field.ts';

describe('parseField', () => {
  it('reads type, question mark and modifiers', () => {
    expect(parseField('dueAt:datetime?:filterable')).toMatchObject({
      name: 'dueAt',
      type: 'datetime',
      optional: true,
      filterable: true,
      sortable: false,
    });
    expect(parseField('price:decimal(9,3):min=-1.5:max=20')).toMatchObject({
      precision: 9,
      scale: 3,
      min: '-1.5',
      max: '20',
    });
    expect(parseField('customer:ref:users?')).toMatchObject({ type: 'ref', target: 'users', optional: true });
    expect(parseField('status:enum(draft,paid):default=paid')).toMatchObject({
      values: ['draft', 'paid'],
      default: 'paid',
    });
    expect(parseField('at:datetime:default="2026-01-01T00:00:00Z"').default).toBe('2026-01-01T00:00:00Z');
  });

  it.each([
    ['title', 'a field is written name:type'],
    ['title:varchar', 'there is no type "varchar"'],
    ['title:string:big', 'there is no modifier "big"'],
    ['title:string:min', 'there is no modifier "min"'],
    ['Title:string', 'camelCase'],
    ['order:integer', 'reserved word of SQL'],
    ['class:string', 'reserved word of TypeScript'],
    ['version:integer', 'every module needs for itself'],
    ['status:enum', 'enum needs its values'],
    ['status:enum(a,a)', 'there twice'],
    ['status:enum(a b)', "can't be a value of an enum"],
    ['status:enum(a):default=b', 'not a value that the field may have'],
    ['price:decimal(2,2)', 'decimal takes digits and decimals'],
    ['count:integer:min=5:max=4', 'min=5 is above max=4'],
    ['count:integer:default=1.5', 'not a value'],
    ['count:integer:min=3:default=2', 'not a value that the field may have'],
    ['count:integer?:default=2', 'drop one of'],
    ['dueAt:datetime?:sortable', 'drop ? or sortable'],
    ['note:text:unique', "text can't be unique"],
    ['open:boolean:searchable', 'only string and text can be searched'],
    ['data:json:filterable', "json can't be filtered by"],
    ['tags:list?', 'needs no ?'],
    ['customer:ref', 'ref needs the table'],
  ])('refuses %s in one line that says why', (text, reason) => {
    const lineOf = () => {
      try {
        return parseField(text) && '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(lineOf()).toContain(reason);
    expect(lineOf()).not.toContain('\n');
  });
});
