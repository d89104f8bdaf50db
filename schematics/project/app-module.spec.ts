import { register, unregister } from './app-module.ts';

const orders = { className: 'OrdersModule', from: './modules/orders/orders.module.js' };

const plain = `import { Module } from '@nestjs/common';
import { ItemsModule } from './modules/items/items.module.js';
import { UsersModule } from './modules/users/users.module.js';

@Module({
  imports: [
    // Features
    UsersModule,
    ItemsModule,
  ],
})
export class AppModule {}
`;
const oneLine = `import {Module} from "@nestjs/common"; import {ItemsModule} from "./modules/items/items.module.js"
@Module({ providers: [], 'imports': [ ItemsModule /* , */ ] }) export class AppModule {}
`;
const empty = `import { Module } from '@nestjs/common';
@Module({ imports: [] })
export class AppModule {}
`;

describe('registration in app.module.ts', () => {
  it('adds the import in its place and the module at the end', () => {
    const text = register(plain, orders);
    expect(text).toContain(
      `items.module.js';\nimport { OrdersModule } from './modules/orders/orders.module.js';\nimport { Users`,
    );
    expect(text).toContain('ItemsModule,\nOrdersModule,');
  });

  it.each([plain, empty])('is taken out without a trace', (text) => {
    const squeezed = (code: string) => code.replaceAll(/\s/g, '').replaceAll(',]', ']');
    expect(squeezed(unregister(register(text, orders), orders))).toBe(squeezed(text));
  });

  it('does nothing twice', () => {
    expect(register(register(plain, orders), orders)).toBe(register(plain, orders));
    expect(unregister(plain, orders)).toBe(plain);
  });

  it('survives other formatting', () => {
    const text = register(oneLine.replace("'imports'", 'imports'), orders);
    expect(text).toMatch(/ItemsModule\s*,\s*OrdersModule/);
    expect(unregister(text, orders)).not.toContain('Orders');
  });

  it('knows a module that is imported by another name', () => {
    const aliased = plain
      .replace('import { ItemsModule }', 'import { ItemsModule as Things }')
      .replace('ItemsModule,\n  ]', 'Things,\n  ]');
    const items = { className: 'ItemsModule', from: './modules/items/items.module.js' };
    expect(register(aliased, items)).toBe(aliased);
    expect(unregister(aliased, items)).not.toContain('Things');
  });

  it('says so when there is no list of imports', () => {
    expect(() => register('export class AppModule {}', orders)).toThrow('has no @Module');
  });
});
