import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from '../config/load-config.js';
import { startLocalServices } from '../runtime/local-services.js';
import { checkAddress, checkDatabase, checkGates, checkLogFile, checkRedis, type Finding } from './checks.js';
import { exitCodes, runCommand } from './command.js';

const usage = `Usage: doctor
Looks whether the product could start here with these settings, and says what to do where it could not. Changes nothing
but an embedded database, which it starts for a moment when there is no DATABASE_URL.
${exitCodes}`;

const marks = { ok: 'ok      ', warning: 'warning ', fault: 'FAULT   ' } as const;

await runCommand(usage, async () => {
  parseArgs({});
  const findings = await examine();
  for (const { level, text } of findings) console.log(marks[level] + text);
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  console.log(`${count('fault')} fault(s), ${count('warning')} warning(s)`);
  if (count('fault') > 0) process.exitCode = 1;
});

async function examine(): Promise<Finding[]> {
  const runtime: Finding = { level: 'ok', text: `Node ${process.versions.node}` };
  try {
    const config = loadConfig();
    return [runtime, { level: 'ok', text: `settings for ${config.nodeEnv}` }, ...(await examineWith(config))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [runtime, ...error.faults.map((text): Finding => ({ level: 'fault', text }))];
  }
}

async function examineWith(given: ReturnType<typeof loadConfig>): Promise<Finding[]> {
  const services = await startLocalServices(given);
  const { config } = services;
  try {
    const findings = await Promise.all([
      checkDatabase(config, config.databaseUrl ?? ''),
      checkRedis(config),
      checkAddress(config),
      checkLogFile(config),
    ]);
    return [...checkGates(config), ...findings.flat()];
  } finally {
    await services.stop();
  }
}
