// Rolldown plugins for the bundle: what packages load at each start and a product seldom or never needs.

/**
 * An `import` of node:http reads all that it exports, and so loads undici for its WebSocket: 15 MB and some milliseconds of each
 * start. Here its members are read when they are used.
 */
const lazyHttp = {
  name: 'lazy-http',
  resolveId: (id) => (/^(node:)?http$/.test(id) ? '\0http' : undefined),
  load: (id) => (id === '\0http' ? "module.exports = process.getBuiltinModule('node:http');" : undefined),
};

const needless = [
  // TypeORM's drivers for all databases: a megabyte of source.
  [/\/typeorm\/driver\/(?!postgres\/)[\w-]+\/\w+Driver\.js$/, 'module.exports = {};'],
  // jsonwebtoken has semver find out whether Node is older than 17: 13 ms.
  [/\/jsonwebtoken\/lib\/\w+Supported\.js$/, 'module.exports = true;'],
];
const withoutNeedless = {
  name: 'without-needless',
  load: (id) => needless.find(([file]) => file.test(id))?.[1],
};

/** Uploads, which Nest's adapter offers, and the telephone numbers of the world, which @IsPhoneNumber() knows. */
const seldomUsed = /^(multer|libphonenumber-js\/max)$/;
const prefix = '\0lazy:';

/** Packages that are loaded when one of their functions is called. */
const lazyPackages = {
  name: 'lazy-packages',
  resolveId: (id, importer) => (seldomUsed.test(id) && importer !== prefix + id ? prefix + id : undefined),
  load: (id) => (id.startsWith(prefix) ? standInFor(id.slice(prefix.length)) : undefined),
};

const standInFor = (name) => `
  const load = () => require('${name}');
  module.exports = new Proxy(function () {}, {
    apply: (_, self, values) => Reflect.apply(load(), self, values),
    get: (_, key) => load()[key],
  });`;

/** Nest's own log, which is not used, has ICU load its data for the times of its lines: 27 ms and 6 MB. */
const lazyDates = {
  name: 'lazy-dates',
  transform: (code, id) =>
    /\/services\/(console-)?logger\.service\.js$/.test(id)
      ? code.replace(/= (new Intl\.DateTimeFormat\([^)]*\));/, '= { format: (time) => $1.format(time) };')
      : undefined,
};

export const leanPackages = [lazyHttp, withoutNeedless, lazyPackages, lazyDates];
