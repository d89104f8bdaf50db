import { readFileSync } from 'node:fs';
import { renderEnvExample, renderMarkdown } from './render.js';
import { settings } from './settings.js';

describe('the documentation of the settings', () => {
  it.each([
    ['.env.example', renderEnvExample],
    ['docs/configuration.md', renderMarkdown],
  ])('%s is current; else run `npm run config:docs`', (file, render) => {
    expect(readFileSync(file, 'utf8')).toBe(render());
  });

  it('has every setting once', () => {
    for (const { env } of Object.values(settings)) {
      expect(renderEnvExample().split(`\n#${env}=`)).toHaveLength(2);
      expect(renderMarkdown().split(`| \`${env}\` `)).toHaveLength(2);
    }
  });
});
