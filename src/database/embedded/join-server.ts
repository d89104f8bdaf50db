import { setTimeout as delay } from 'node:timers/promises';
import { Claim } from './claim.js';
import { findPostmaster, isServerOf, setAside } from './postmaster.js';
import type { Server } from './server.js';

const patienceMs = 60_000;
const retryDelayMs = 50;
const maxFailedStarts = 5;

/**
 * Claims the server of the folder, and starts it when none runs. Several processes may do so at once: PostgreSQL lets
 * one server live in a folder, so the others' starts fail and they find the winner's at the next turn.
 * @param urlOf the URL of the database that the claims are made in, for a port
 * @throws Error when the server can't be started or does not answer in a minute
 */
export async function joinServer(
  server: Server,
  clusterDir: string,
  urlOf: (port: number) => string,
  log: (line: string) => void,
): Promise<{ port: number; claim: Claim }> {
  let fault: unknown;
  let failedStarts = 0;
  let started = false;
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await delay(retryDelayMs)) {
    const running = await findPostmaster(clusterDir);
    try {
      if (running) {
        const claim = await Claim.take(urlOf(running.port));
        if (claim) {
          log(`PostgreSQL ${started ? 'started' : 'was running already'} on 127.0.0.1:${running.port}`);
          return { port: running.port, claim };
        }
      } else {
        await server.start();
        started = true;
      }
    } catch (error) {
      fault = error;
      if (!running && ++failedStarts >= maxFailedStarts) throw error;
      if (running && !(await isServerOf(clusterDir, running.pid))) await setAside(clusterDir, running);
    }
  }
  throw new Error(`PostgreSQL in ${clusterDir} did not answer`, { cause: fault });
}
