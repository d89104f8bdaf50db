import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { killProducts, Product } from './support/server-process.js';

/** prom-client looks at the event loop a hundred times a second, and sonic-boom writes nothing ten times a second, unless told. */
const wakesASecond = 30;

describe('A process at rest', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await killProducts();
    await database.drop();
  });

  (existsSync('/proc/self/task') ? it : it.skip)(`wakes less than ${wakesASecond} times a second`, async () => {
    const product = await Product.start({ DATABASE_URL: database.url });
    await product.serving();
    // What a start puts off comes first.
    await eventually(async () => {
      const before = wakes(product.pid);
      await delay(1000);
      return wakes(product.pid) - before < wakesASecond;
    }, 15_000);
  });
});

/** How often threads of the process have gone to sleep by themselves. */
function wakes(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
    .reduce((sum, status) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]), 0);
}
