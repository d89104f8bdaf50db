import type { INestApplication } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import type { Shutdown } from './shutdown.js';
import { returnStartupMemory } from './startup-memory.js';

const afterMs = 500;

/** Opens the connections that are kept, and gives back the memory that only the start needed. */
export async function settle(app: INestApplication): Promise<void> {
  await app.get(Database).fillPool();
  returnStartupMemory();
}

/** The same when the first requests, which would wait for it, have had their answers; not in a process that ends meanwhile. */
export function settleLater(app: INestApplication, shutdown: Pick<Shutdown, 'isUnderWay'>): void {
  setTimeout(() => {
    if (!shutdown.isUnderWay) void settle(app);
  }, afterMs).unref();
}
