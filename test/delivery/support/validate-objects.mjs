// Checks Kubernetes objects, a JSON list on standard input, against their API: the types refuse keys that the API does
// not know, the schemas check what types can not say. Prints one fault a line; exits with 1 when there are any.
import { readFileSync, writeFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tools = join(import.meta.dirname, '../tools');
const ts = createRequire(import.meta.url)('typescript');
const packages = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
};

const objects = JSON.parse(readFileSync(0, 'utf8'));
const faults = [];
const source = [];
for (const [index, object] of objects.entries()) {
  const [group] = object.apiVersion.split('/');
  const module = `${packages[group] ?? 'kubernetes-models'}/${object.apiVersion}/${object.kind}`;
  const { [object.kind]: Model } = await import(pathToFileURL(join(tools, 'node_modules', `${module}.js`)).href);
  const told = `${object.kind} ${object.metadata.name}`;
  try {
    new Model(object).validate();
  } catch (error) {
    faults.push(`${told}: ${error.message}`);
  }
  source.push(`import type { I${object.kind} as I${index} } from '${module}';`);
  source.push(`void (${JSON.stringify(object)} satisfies I${index}); // ${told}`);
}

const file = join(tools, 'rendered.check.ts');
writeFileSync(file, source.join('\n'));
try {
  const program = ts.createProgram([file], {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  for (const { messageText, start, file: at } of ts.getPreEmitDiagnostics(program)) {
    const line = at ? (source[at.getLineAndCharacterOfPosition(start).line] ?? '').replace(/.*; \/\/ /, '') : '';
    faults.push(`${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  }
} finally {
  rmSync(file);
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
