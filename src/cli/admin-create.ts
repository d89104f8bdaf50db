import { parseArgs } from 'node:util';
import { createApp } from '../app.setup.js';
import { ProblemException } from '../common/http/problem.exception.js';
import { createValidationPipe } from '../common/validation/validation.pipe.js';
import { AppConfig } from '../config/app-config.js';
import { loadConfig } from '../config/load-config.js';
import { Database } from '../database/database.service.js';
import { RegisterDto } from '../modules/auth/auth.dto.js';
import { PasswordHasher } from '../modules/auth/password-hasher.js';
import { UsersService } from '../modules/users/users.service.js';
import { startLocalServices } from '../runtime/local-services.js';
import { CommandFailure, exitCodes, runCommand, UsageError } from './command.js';
import { readPassword } from './read-password.js';

const usage = `Usage: admin-create --email ADDRESS --username NAME
Creates a user with the roles user and admin, by the rules of registration. The password is asked for on a terminal, else
it is the first line of standard input. Needs the settings that the server has.
${exitCodes}`;

await runCommand(usage, async () => {
  const { values } = parseArgs({ options: { email: { type: 'string' }, username: { type: 'string' } } });
  const { email, username } = values;
  if (!email || !username) throw new UsageError('admin-create needs --email and --username');
  const config = loadConfig();
  const password = await readPassword();
  try {
    await createAdmin(config, { email, username, password });
  } catch (error) {
    throw error instanceof ProblemException ? inWords(error) : error;
  }
});

async function createAdmin(given: AppConfig, registration: RegisterDto): Promise<void> {
  const pipe = createValidationPipe(given.passwordPolicy);
  const { email, username, password } = (await pipe.transform(registration, {
    type: 'body',
    metatype: RegisterDto,
  })) as RegisterDto;

  const services = await startLocalServices(given);
  // The server's own wiring, quiet and with as few connections as it needs.
  const config = new AppConfig({ ...services.config, logLevel: 'warn', docsEnabled: false, databasePoolMin: 0 });
  const app = await createApp(config);
  try {
    const database = app.get(Database);
    await database.connect();
    const pending = await database.prepareSchema();
    if (pending.length > 0) throw new CommandFailure('The database lacks migrations: run `migrate up` first');
    const passwordHash = await app.get(PasswordHasher).hash(password);
    const user = await app.get(UsersService).create({ username, email, passwordHash, roles: ['user', 'admin'] });
    console.log(`Created the administrator ${user.username} (${user.id})`);
  } finally {
    await app.close();
    await services.stop();
  }
}

/** The faults that a client of the API would be told, one a line. */
function inWords({ message, errors = [] }: ProblemException): CommandFailure {
  const faults = errors.map(({ field, message: fault }) => `${field} ${fault}`);
  const lines = faults.length > 0 ? faults : [message];
  return new CommandFailure(`The administrator was not created:\n${lines.map((line) => `  - ${line}`).join('\n')}`);
}
