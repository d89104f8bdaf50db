import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const megabyte = 1024 * 1024;

/** Keeps things alive for a while, as a burst of requests does, and tells how large the young generation has become. */
const burst = `
  import { setImmediate } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  globalThis.burst = async () => {
    const kept = [];
    for (let round = 0; round < 200; round++) {
      kept.push(Array.from({ length: 20_000 }, (_, number) => ({ number })));
      if (kept.length > 20) kept.shift();
      await setImmediate();
    }
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    return young.space_used_size + young.space_available_size;
  };`;

describe('boundYoungGeneration', () => {
  async function youngBytes(steps: string, nodeOptions: readonly string[] = []): Promise<number> {
    const script = `${burst}
      import { boundYoungGeneration } from './dist/runtime/young-generation.js';
      import { returnStartupMemory } from './dist/runtime/startup-memory.js';
      ${steps}
      console.log(await burst());`;
    const args = [...nodeOptions, '--input-type=module', '--eval', script];
    const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
    return Number(stdout);
  }

  it('keeps it at 8 MB, where V8 would have more', async () => {
    expect(await youngBytes('')).toBeGreaterThan(15 * megabyte);
    const bounded = await youngBytes('boundYoungGeneration();');
    expect(bounded).toBeGreaterThan(7 * megabyte);
    expect(bounded).toBeLessThanOrEqual(8 * megabyte);
  });

  it('lets it grow again when V8 has shrunk it at rest', async () => {
    const bytes = await youngBytes('boundYoungGeneration(); await burst(); returnStartupMemory();');
    expect(bytes).toBeGreaterThan(7 * megabyte);
    expect(bytes).toBeLessThanOrEqual(8 * megabyte);
  });

  it('leaves it to whoever has chosen', async () => {
    expect(await youngBytes('boundYoungGeneration();', ['--max-semi-space-size=16'])).toBeGreaterThan(15 * megabyte);
  });
});
