import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { nodeArguments } from '../config/node-arguments.js';

/** It doubles from 1 MB; what its pages tell of themselves takes a little. */
const nearlyEightMegabytes = 7 * 1024 * 1024;

/**
 * Keeps V8's young generation at 8 MB, unless whoever starts the process has chosen its size: hardly anything survives a
 * request, and 32 MB would be resident for it (docs/performance.md). V8 takes the bound only at the start of a process, but
 * asks before each growth by how much; it may shrink at rest, and then grows again.
 */
export function boundYoungGeneration(): void {
  if (/semi[-_]space[-_]size/.test(nodeArguments())) return;
  let isGrown = false;
  const observer = new PerformanceObserver(() => {
    if (youngBytes() > nearlyEightMegabytes === isGrown) return;
    isGrown = !isGrown;
    setFlagsFromString(`--semi-space-growth-factor=${isGrown ? 1 : 2}`);
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** How much may be allocated between two collections. */
function youngBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space ? space.space_used_size + space.space_available_size : 0;
}
