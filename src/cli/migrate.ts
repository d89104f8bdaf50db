import { parseArgs } from 'node:util';
import { loadConfig, readEnvironment } from '../config/load-config.js';
import { migrate, migrationStatus, revertMigration } from '../database/migrator.js';
import { startLocalServices } from '../runtime/local-services.js';
import { exitCodes, runCommand, UsageError } from './command.js';

const usage = `Usage: migrate up | status | revert
  up      runs the pending migrations; waits while another run is under way
  status  lists the migrations, oldest first
  revert  takes the newest one back
The database is that of DATABASE_URL, outside of production the embedded one without it. No other setting is needed.
${exitCodes}`;

const commands: Readonly<Record<string, (url: string) => Promise<void>>> = { up, status, revert };

await runCommand(usage, async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const command = positionals.length === 1 ? commands[positionals[0] ?? ''] : undefined;
  if (!command) throw new UsageError('migrate needs one of up, status and revert');

  const services = await startLocalServices(loadConfig(readEnvironment(), 'migrate'));
  try {
    await command(services.config.databaseUrl ?? '');
  } finally {
    await services.stop();
  }
});

async function up(url: string): Promise<void> {
  const ran = await migrate(url, console.log);
  for (const name of ran) console.log(`Migrated ${name}`);
  if (ran.length === 0) console.log('Nothing to migrate');
}

async function status(url: string): Promise<void> {
  for (const { name, isApplied } of await migrationStatus(url)) {
    console.log(`${isApplied ? 'applied' : 'pending'}  ${name}`);
  }
}

async function revert(url: string): Promise<void> {
  const name = await revertMigration(url, console.log);
  console.log(name ? `Reverted ${name}` : 'Nothing to revert');
}
