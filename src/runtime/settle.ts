import type { INestApplication } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { returnStartupMemory } from './startup-memory.js';

const afterMs = 500;

/** Opens the connections that are kept, and gives back the memory that only the start needed. */
export async function settle(app: INestApplication): Promise<void> {
  await app.get(Database).fillPool();
  returnStartupMemory();
}

/** The same when the first requests, which would wait for it, have had their answers. */
export function settleLater(app: INestApplication): void {
  setTimeout(() => void settle(app), afterMs).unref();
}
