import { availableParallelism, totalmem } from 'node:os';

const sampleForMs = 1000;

let sampledAt = performance.now();
let sampledCpu = process.cpuUsage();
let percent = 0;

/** CPU that this process used since the last sample a second or more ago, in per cent of all cores. */
export function cpuPercent(): number {
  const elapsedMs = performance.now() - sampledAt;
  if (elapsedMs < sampleForMs) return percent;
  const { user, system } = process.cpuUsage(sampledCpu);
  percent = ((user + system) / 1000 / elapsedMs / availableParallelism()) * 100;
  sampledAt = performance.now();
  sampledCpu = process.cpuUsage();
  return percent;
}

/** Memory that this process holds, in per cent of what its control group, or else the machine, allows. */
export function memoryPercent(): number {
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return (process.memoryUsage.rss() / limit) * 100;
}
