import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';

const node = async (...args: string[]) => (await promisify(execFile)(process.execPath, args)).stdout;

describe('the bundle', () => {
  let folder: string;
  beforeAll(() => {
    mkdirSync('.data', { recursive: true });
    folder = mkdtempSync('.data/bundle-');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('loads packages that are seldom used when they are, and they work', async () => {
    await node('test/support/lean-bundle.mjs', folder);
    const lines = (await node(`${folder}/entry.js`)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { about: 'loaded at the start', value: [] },
      { about: 'phone numbers', value: [true, false, false] },
      { about: 'interceptor', value: 'function' },
      { about: 'storage', value: 'function' },
      { about: 'middleware', value: 3 },
      { about: 'time', value: expect.stringMatching(/\d+:\d\d/) as string },
      { about: 'loaded at the end', value: ['busboy', 'libphonenumber-js', 'multer'] },
    ]);
  });
});
