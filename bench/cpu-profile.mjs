/**
 * @typedef {object} Frame
 * @property {string} functionName
 * @property {string} url
 * @property {number} lineNumber from 0
 *
 * @typedef {object} CpuProfile as V8 gives it
 * @property {{ id: number, callFrame: Frame, children?: number[] }[]} nodes
 * @property {number[]} samples ids of nodes
 * @property {number[]} timeDeltas microseconds
 *
 * @typedef {{ name: string, share: number }[]} Shares of the busy time, largest first
 */

/**
 * Shares of the busy time: by owner, which is the package or file of ours that ran, or on whose behalf Node and the
 * kernel ran; and by the function that ran.
 * @param {CpuProfile} profile
 * @returns {{ owners: Shares, functions: Shares }}
 */
export function analyse({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = ownersOf(nodes);
  /** @type {Map<string, number>} */
  const ownerTimes = new Map();
  /** @type {Map<string, number>} */
  const functionTimes = new Map();
  let busy = 0;
  samples.forEach((id, i) => {
    const frame = byId.get(id)?.callFrame;
    if (!frame || frame.functionName === '(idle)') return;
    const time = timeDeltas[i] ?? 0;
    const owner = owners.get(id) ?? 'node';
    add(ownerTimes, owner, time);
    add(functionTimes, describe(frame, owner), time);
    busy += time;
  });
  const shares = (/** @type {Map<string, number>} */ times) =>
    [...times].map(([name, time]) => ({ name, share: time / busy })).sort((a, b) => b.share - a.share);
  return { owners: shares(ownerTimes), functions: shares(functionTimes) };
}

/**
 * The owner of each node: its own, else its caller's.
 * @param {CpuProfile['nodes']} nodes parents come before their children
 */
function ownersOf(nodes) {
  /** @type {Map<number, string>} */
  const owners = new Map();
  for (const { id, callFrame, children = [] } of nodes) {
    const owner = ownerOf(callFrame) ?? owners.get(id);
    if (owner) owners.set(id, owner);
    for (const child of children) if (owner) owners.set(child, owner);
  }
  return owners;
}

/**
 * @param {Frame} frame
 * @returns {string | undefined} undefined for Node's own and native functions
 */
function ownerOf({ functionName, url }) {
  if (functionName === '(garbage collector)' || functionName === '(program)') return functionName;
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? /\/((?:dist|bench)\/.*)$/.exec(url)?.[1];
}

/**
 * @param {Frame} frame
 * @param {string} owner
 */
function describe({ functionName, url, lineNumber }, owner) {
  const name = functionName || '(anonymous)';
  if (name === owner) return name;
  const place = url
    ? `${url.replace(/^.*\/(?:node_modules|(?=dist\/|bench\/))/, '').replace(/^\//, '')}:${lineNumber + 1}`
    : 'native';
  return `${name}, ${place}${url.includes(owner) ? '' : `, for ${owner}`}`;
}

/**
 * @param {Map<string, number>} times
 * @param {string} key
 * @param {number} time
 */
function add(times, key, time) {
  times.set(key, (times.get(key) ?? 0) + time);
}
