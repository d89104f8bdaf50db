// KEYS: value, lease. A lease is a random token that says "nobody has invalidated this since you missed it"; all who
// miss at once share one. Each script may run twice, or late, without harm.

/** ARGV: new token, its life in ms. Returns { text }, or { nil, token, 1 for whoever began the lease else 0 }. */
export const getOrLeaseScript = `
  local text = redis.call('GET', KEYS[1])
  if text then return { text } end
  local lease = redis.call('GET', KEYS[2])
  if lease then return { false, lease, 0 } end
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  return { false, ARGV[1], 1 }
`;

/** ARGV: token, text, life of the text in ms. */
export const fillScript = `
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[2])
  return 1
`;

/** ARGV: token. */
export const releaseScript = `
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[2])
`;

/** ARGV: text, life of the text in ms. */
export const setScript = `
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return redis.call('DEL', KEYS[2])
`;
