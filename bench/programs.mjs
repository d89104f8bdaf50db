import { randomBytes } from 'node:crypto';

/** Signs the tokens of all programs, so that one set serves them all. */
export const secretKey = randomBytes(48).toString('base64url');
export const tokenIssuer = 'mainstay';
export const tokenAudience = 'mainstay-api';

const connections = '10';
const unreachableRate = '100000000/second';

/** What every program is given. */
const common = {
  NODE_ENV: 'production',
  SECRET_KEY: secretKey,
  TOKEN_ISSUER: tokenIssuer,
  TOKEN_AUDIENCE: tokenAudience,
  DATABASE_POOL_MIN: connections,
  DATABASE_POOL_MAX: connections,
};

/** Everything on, as in production; limits count but are never reached. */
const product = {
  command: ['dist/main.js'],
  /** The same in its own files, which a profile can tell apart. */
  unbundled: ['dist/process.js'],
  env: {
    ...common,
    WEB_CONCURRENCY: '1',
    ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
    RATE_LIMIT_ANONYMOUS: unreachableRate,
    RATE_LIMIT_AUTHENTICATED: unreachableRate,
    RATE_LIMIT_LOGIN: 'off',
    OPERATOR_TOKEN: randomBytes(24).toString('base64url'),
    LOG_LEVEL: 'info',
  },
};

/** @type {Record<string, { command: string[], unbundled?: string[], env: Record<string, string> }>} */
const programs = {
  'node-http-bare': { command: ['bench/peers/node-http-bare/server.mjs'], env: common },
  'express-bare': { command: ['bench/peers/express-bare/server.mjs'], env: common },
  'express-bare-2-workers': { command: ['bench/peers/express-bare/cluster.mjs'], env: common },
  'nest-starter': { command: ['.data/bench/nest-starter/main.js'], env: common },
  product,
  'product-2-workers': { command: product.command, env: { ...product.env, WEB_CONCURRENCY: '2' } },
};

export const programNames = Object.keys(programs);

/**
 * @param {string} name one of programNames
 * @param {string} databaseUrl
 * @param {object} [variant]
 * @param {string} [variant.label] its name in the report
 * @param {Record<string, string>} [variant.env] settings that differ
 * @param {string[]} [variant.nodeOptions] arguments of Node itself
 * @param {boolean} [variant.isBundled] false: from its own files, where it has a bundle
 * @returns {import('./program.mjs').ProgramSpec}
 */
export function programSpec(name, databaseUrl, { label = name, env = {}, nodeOptions = [], isBundled = true } = {}) {
  const program = programs[name];
  if (!program) throw new Error(`There is no program ${name}.`);
  return {
    name: label,
    command: [...nodeOptions, ...((!isBundled && program.unbundled) || program.command)],
    env: { ...program.env, DATABASE_URL: databaseUrl, ...env },
  };
}
