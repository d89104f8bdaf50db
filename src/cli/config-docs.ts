import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { renderEnvExample, renderMarkdown } from '../config/render.js';
import { exitCodes, runCommand } from './command.js';

const usage = `Usage: config-docs
Writes .env.example and docs/configuration.md from the settings in src/config/settings.ts.
${exitCodes}`;

const root = new URL('../../', import.meta.url);

await runCommand(usage, async () => {
  parseArgs({});
  await writeFile(new URL('.env.example', root), renderEnvExample());
  await writeFile(new URL('docs/configuration.md', root), renderMarkdown());
});
