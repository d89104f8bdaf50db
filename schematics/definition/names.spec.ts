import { namesOf } from './names.ts';

describe('namesOf', () => {
  it.each([
    ['orders', 'orders', 'Order', 'orders'],
    ['Person', 'people', 'Person', 'people'],
    ['criteria', 'criteria', 'Criterion', 'criteria'],
    ['order-line', 'order-lines', 'OrderLine', 'order_lines'],
    ['orderLines', 'order-lines', 'OrderLine', 'order_lines'],
    ['addresses', 'addresses', 'Address', 'addresses'],
    ['category', 'categories', 'Category', 'categories'],
    ['news', 'news', 'News', 'news'],
  ])('spells %s', (name, files, Class, table) => {
    expect(namesOf(name)).toMatchObject({ files, Class, table });
  });
});
