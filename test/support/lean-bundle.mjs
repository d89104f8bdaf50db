// Bundles a program that uses packages which the bundle loads late; argument: the folder to leave it in, as entry.js.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { leanPackages } from '../../scripts/lean-packages.mjs';

const folder = resolve(process.argv[2]);
const input = resolve(folder, 'source.mjs');

writeFileSync(
  input,
  `import { ConsoleLogger } from '@nestjs/common';
  import { FileInterceptor } from '@nestjs/platform-express';
  import { isPhoneNumber } from 'class-validator';
  import multer from 'multer';

  const loaded = () => [...new Set(globalThis.loaded)].sort();
  class Log extends ConsoleLogger {
    get time() {
      return this.getTimestamp();
    }
  }
  const report = (about, value) => console.log(JSON.stringify({ about, value }));
  report('loaded at the start', loaded());
  report('phone numbers', ['+493012345678', '+49', 'mug'].map((text) => isPhoneNumber(text)));
  report('interceptor', typeof new (FileInterceptor('photo'))().intercept);
  report('storage', typeof multer.memoryStorage()._handleFile);
  report('middleware', multer({ limits: { files: 1 } }).single('photo').length);
  report('time', new Log().time);
  report('loaded at the end', loaded());`,
);

/** Has the modules of these packages say that they are run. */
const watch = {
  name: 'watch',
  transform(code, id) {
    const name = /node_modules\/(libphonenumber-js|multer|busboy)\/.*\.c?js$/.exec(id)?.[1];
    return name && !/\bexport\b/.test(code) ? `(globalThis.loaded ??= []).push('${name}');${code}` : undefined;
  },
};

const bundle = await rolldown({ input, platform: 'node', plugins: [leanPackages, watch], onLog: () => undefined });
await bundle.write({ file: resolve(folder, 'entry.js'), format: 'esm', codeSplitting: false });
