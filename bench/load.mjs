import { once } from 'node:events';
import autocannon from 'autocannon';
import { quantile } from './statistics.mjs';

/**
 * @typedef {object} LoadResult
 * @property {number} answered
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} requestsPerSecond
 * @property {number} bytesPerAnswer with its headers
 */

/**
 * Sends a fixed number of requests over kept-alive connections, one at a time on each. autocannon takes no notice when a server
 * tells it that a connection closes, as workers do to share the load: it writes one more, which nobody is to answer.
 * @param {object} load
 * @param {string} load.url origin of the program
 * @param {number} load.connections
 * @param {number} load.requests
 * @param {() => import('./routes.mjs').Request} load.nextRequest
 * @returns {Promise<LoadResult>}
 * @throws Error unless every single request, but for those, had the status that it asked for
 */
export async function runLoad({ url, connections, requests, nextRequest }) {
  /** @type {Map<number, number>} */
  const missing = new Map();
  const latencies = new Float64Array(requests);
  let answered = 0;
  let closed = 0;
  let bytes = 0;
  let finishedAt = 0;

  const startedAt = performance.now();
  const options = {
    url,
    connections: Math.min(connections, requests),
    amount: requests,
    // How often autocannon looks whether it is done, in milliseconds.
    sampleInt: 20,
    setupClient: (/** @type {import('node:events').EventEmitter} */ client) => {
      client.on('headers', ({ shouldKeepAlive }) => {
        if (!shouldKeepAlive) closed++;
      });
    },
    requests: [
      {
        setupRequest: (/** @type {autocannon.Request} */ defaults) => {
          const { expectedStatus, ...request } = nextRequest();
          missing.set(expectedStatus, (missing.get(expectedStatus) ?? 0) + 1);
          return { ...defaults, ...request };
        },
      },
    ],
  };
  // With a callback it returns the instance, which has the events, and not a promise.
  const run = autocannon(options, () => undefined);
  run.on('response', (_client, status, responseBytes, milliseconds) => {
    missing.set(status, (missing.get(status) ?? 0) - 1);
    latencies[answered++] = milliseconds;
    bytes += responseBytes;
    finishedAt = performance.now();
  });
  const [{ errors, timeouts }] = /** @type {[autocannon.Result]} */ (await once(run, 'done'));

  const wrong = [...missing].filter(([, count]) => count !== 0);
  const unanswered = wrong.reduce((total, [, count]) => total + (count < 0 ? Infinity : count), 0);
  if (errors > 0 || timeouts > 0 || unanswered > closed || answered + unanswered !== requests) {
    const codes = wrong.map(([status, count]) => `${Math.abs(count)} ${count > 0 ? 'less' : 'more'} of ${status}`);
    throw new Error(
      `failed requests: ${answered} of ${requests} answered, ${errors} errors, ` +
        `${timeouts} timeouts; statuses: ${codes.join(', ') || 'as expected'}`,
    );
  }
  return {
    answered,
    p50Ms: quantile(latencies.subarray(0, answered), 0.5),
    p99Ms: quantile(latencies.subarray(0, answered), 0.99),
    requestsPerSecond: (1000 * answered) / (finishedAt - startedAt),
    bytesPerAnswer: bytes / answered,
  };
}
