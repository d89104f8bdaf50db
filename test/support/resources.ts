import { startTestApp, type TestApp, type TestSettings } from './app.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { startProduct, type Product } from './product.js';

/** Starts what specs need. */
export interface Resources {
  app(settings?: TestSettings): Promise<TestApp>;
  database(): Promise<TestDatabase>;
  product(...how: Parameters<typeof startProduct>): Promise<Product>;
  /** Has something else ended with the rest. */
  add(end: () => unknown): void;
}

/** Ends all that is started through it after the specs of this suite, the last first, whether they pass or not. */
export function resources(): Resources {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const end of ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not all of the suite could be ended');
  }, 30_000);

  async function ended<T>(starting: Promise<T>, end: (started: T) => unknown): Promise<T> {
    const started = await starting;
    ends.push(() => end(started));
    return started;
  }
  return {
    app: (settings) => ended(startTestApp(settings), (app) => app.close()),
    database: () => ended(createTestDatabase(), (database) => database.drop()),
    product: (...how) => ended(startProduct(...how), (product) => product.stop()),
    add: (end) => void ends.push(end),
  };
}
