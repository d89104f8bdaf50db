import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import ts from 'typescript';
import { run } from '../../schematics/commands/run.ts';
import { moduleDefinition } from '../../schematics/commands/create-modules.ts';
import { modelsOf } from '../../schematics/plan/module-plan.ts';
import { putInterface } from '../../schematics/project/api-types.ts';
import { openProject } from '../../schematics/project/project.ts';
import { moduleFiles } from '../../schematics/templates/all.ts';
import { apiTypeTemplate } from '../../schematics/templates/api-types.template.ts';
import { invalidArguments, validFields, validOptions } from './arbitrary-definitions.ts';
import { contents, copyOfProject } from './project-copy.ts';

const seed = 20_260_228;

describe('200 random definitions', () => {
  it('that are valid become code that type-checks', () => {
    const project = openProject(process.cwd());
    const drawn = fc.sample(fc.tuple(validFields, validOptions), { numRuns: 200, seed });
    const files = new Map<string, string>();
    let apiTypes = readFileSync('test/support/api.ts', 'utf8');
    for (const [index, [fields, options]] of drawn.entries()) {
      const access = {
        isPublic: options.includes('--public'),
        hasOwner: !options.includes('--no-owner'),
        isAdminOnly: options.includes('--admin-only'),
        parent: options.includes('--parent') ? 'items' : undefined,
      };
      const [model] = modelsOf(project, [moduleDefinition(nameOf(index), fields, access)], 1);
      for (const [path, text] of moduleFiles(model!)) files.set(resolve(path), text);
      apiTypes = putInterface(apiTypes, apiTypeTemplate(model!));
    }
    files.set(resolve('test/support/api.ts'), apiTypes);
    expect(diagnostics(files).slice(0, 20)).toEqual([]);
  }, 240_000);

  it('that are invalid are told in one line and change no file', async () => {
    const errors: string[] = [];
    jest.spyOn(console, 'error').mockImplementation((line: string) => void errors.push(line));
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const folder = copyOfProject();
    const before = contents(folder);
    for (const args of fc.sample(invalidArguments, { numRuns: 200, seed })) {
      errors.length = 0;
      const code = await run(['module', ...args], folder);
      expect({ args, code, lines: errors.join('\n').split('\n').length }).toEqual({ args, code: 1, lines: 1 });
      expect(errors[0]?.length).toBeGreaterThan(10);
    }
    jest.restoreAllMocks();
    expect(contents(folder)).toEqual(before);
    rmSync(folder, { recursive: true });
  }, 60_000);
});

/** thing-aa, thing-ab, ...: names of two words that nothing else has. */
function nameOf(index: number): string {
  const letter = (code: number) => String.fromCharCode(97 + code);
  return `sample-${letter(Math.floor(index / 20))}${letter(index % 20)}thing`;
}

/** What the compiler says of files that exist in memory only, in the project as it is. */
function diagnostics(files: ReadonlyMap<string, string>): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.json',
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  const host = ts.createCompilerHost(config!.options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  host.directoryExists = (path) => folders.has(path) || (directoryExists?.(path) ?? true);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, options, ...rest) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, options, ...rest) : ts.createSourceFile(path, text, options);
  };
  // What these import comes along; the rest of the project is checked elsewhere.
  const names = [...files.keys(), ...config!.fileNames.filter((path) => path.endsWith('.d.ts'))].filter((path) =>
    path.endsWith('.ts'),
  );
  const program = ts.createProgram(names, config!.options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const message = ts.flattenDiagnosticMessageText(one.messageText, ' ');
    const line = one.file && one.file.text.slice(0, one.start).split('\n').at(-1);
    return `${one.file?.fileName}: ${line} ${message}`;
  });
}
