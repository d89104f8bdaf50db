import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { currentContext } from '../common/context/request-context.js';
import { isConflict } from './transient.js';

const maxAttempts = 4;
const firstPauseMs = 10;

/**
 * Runs `work` in a transaction, and anew from its beginning when the server undid it for the sake of others (40001, 40P01):
 * up to three times, after a random pause that grows. So `work` must do nothing that a rollback does not undo.
 * @throws whatever `work` throws; the conflict itself when it does not end, or when nobody waits any more
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      if (!isConflict(error) || attempt === maxAttempts || currentContext()?.isAbandoned) throw error;
      await sleep(firstPauseMs * 2 ** attempt * Math.random());
    }
  }
}
