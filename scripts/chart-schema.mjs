// Writes the settings of src/config/settings.ts into helm/mainstay/values.schema.json, so that a misspelt setting under
// `config`, a secret there or an unknown one under `secrets.values` fails `helm install`. Run by `npm run chart:schema`.
// `--check` writes nothing and exits with 1 when the file is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { settings } from '../dist/config/settings.js';

const path = 'helm/mainstay/values.schema.json';

/** Never in a ConfigMap. DATABASE_URL and REDIS_URL hold passwords. */
const secret = ['DATABASE_URL', 'OPERATOR_TOKEN', 'REDIS_URL', 'SECRET_KEY'];
/** Set by the chart from other values, or without meaning in a pod, whose probes speak HTTP. */
const ownedByChart = [
  ...['NODE_ENV', 'HOST', 'PORT', 'SOCKET_PATH', 'SOCKET_MODE', 'DATA_DIR', 'LOG_FILE', 'LOG_PRETTY'],
  ...['SSL_KEYFILE', 'SSL_CERTFILE', 'HTTP2', 'WEB_CONCURRENCY'],
  ...['METRICS_PORT', 'DRAIN_DELAY', 'GRACEFUL_TIMEOUT', 'DATABASE_MIGRATE_ON_START'],
];

const all = Object.values(settings);
for (const name of secret) {
  if (!all.some((setting) => setting.env === name)) throw new Error(`${name} is no setting any more`);
}

const open = all.filter(({ env }) => !secret.includes(env) && !ownedByChart.includes(env));
const properties = Object.fromEntries(
  open.map(({ env, about, rule }) => [
    env,
    { type: ['string', 'number', 'boolean'], description: `${about} Must be ${rule.expects}.` },
  ]),
);

const before = readFileSync(path, 'utf8');
const schema = JSON.parse(before);
schema.properties.config = { type: 'object', additionalProperties: false, properties };
schema.$defs.secretName = { enum: secret };
const after = await format(JSON.stringify(schema), { ...(await resolveConfig(path)), filepath: path });

if (process.argv.includes('--check')) {
  if (after !== before) console.error(`${path} is not current: npm run chart:schema`);
  process.exit(after === before ? 0 : 1);
}
writeFileSync(path, after);
