// The same in two processes, as Node's documentation of node:cluster has it: what a second worker costs anybody.
import cluster from 'node:cluster';

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  process.on('SIGTERM', () => workers.forEach((worker) => worker.process.kill()));
} else await import('./server.mjs');
