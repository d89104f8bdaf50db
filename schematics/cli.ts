import { enableCompileCache } from 'node:module';

// TypeScript and Prettier are large; the next run need not compile them again.
enableCompileCache();
const { run } = await import('./commands/run.ts');

process.exitCode = await run(process.argv.slice(2), process.cwd());
