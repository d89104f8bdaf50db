// npm leaves a platform's package out of the lock file when the registry it asked did not have it (npm/cli#4828), and
// `npm ci` then refuses the lock on every machine. This adds the missing entries: version from the package that wants
// them, os and cpu from the name. `--check` only reports, with exit code 1.
import { readFileSync, writeFileSync } from 'node:fs';

const path = 'package-lock.json';
const systems = { darwin: 'darwin', win32: 'win32', linux: 'linux', android: 'android', freebsd: 'freebsd' };
const cpus = { x64: 'x64', arm64: 'arm64', ia32: 'ia32', arm: 'arm', ppc64: 'ppc64', s390x: 's390x' };
const lock = JSON.parse(readFileSync(path, 'utf8'));

const missing = Object.entries(lock.packages).flatMap(([parentPath, parent]) =>
  Object.entries(parent.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(parentPath, name))
    .map(([name, version]) => ({ name, version, dev: parent.dev })),
);

for (const { name, version } of missing) console.log(`${name}@${version} is not in ${path}`);
if (process.argv.includes('--check')) {
  process.exit(missing.length > 0 ? 1 : 0);
}
for (const { name, version, dev } of missing) lock.packages[`node_modules/${name}`] = entryOf(name, version, dev);
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);

function isLocked(parentPath, name) {
  return [`${parentPath}/node_modules/${name}`, `node_modules/${name}`].some((key) => lock.packages[key]);
}

function entryOf(name, version, dev) {
  const words = name.split('-');
  const os = words.map((word) => systems[word]).find(Boolean) ?? words.find((word) => word === 'openharmony');
  const cpu = words.map((word) => cpus[word]).find(Boolean) ?? words.find((word) => /^(loong64|riscv64)$/.test(word));
  if (!os || !cpu) throw new Error(`${name}: os and cpu cannot be told from the name; add it by hand`);
  const libc = os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc }), optional: true, os: [os] };
}
