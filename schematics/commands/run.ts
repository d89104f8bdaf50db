import { DefinitionError } from '../definition/definition.ts';

const usage = `Usage: npm run generate -- COMMAND
  module NAME field:type[:modifier] ...   writes a module: table, API, tests, documentation
  module --from FILE.yaml                 several modules and their relations
  field MODULE field:type[:modifier] ...  adds fields to a generated module
  remove MODULE                           takes a generated module out again
Options
  --dry-run      prints the diff and writes nothing
  --public       anyone may read
  --no-owner     rows belong to nobody in particular
  --admin-only   only administrators; with --public only they may write
  --parent NAME  nested routes: below the rows of another module, as in /items/:itemId/notes
  --migrated, --not-migrated   of remove: whether the table is in a database that counts; asked of DATABASE_URL otherwise
  --force        of remove: files that were changed by hand too
Types: string, text, integer, bigint, decimal(digits,decimals), boolean, date, datetime, uuid, enum(a,b), json, list, ref:TABLE
Modifiers: ? or optional, unique, index, default=, min=, max=, searchable, sortable, filterable
Quote what the shell would read: 'status:enum(draft,paid)' 'note:text?'`;

type Command = (args: readonly string[], root: string) => Promise<string>;

// Each loads what it needs, and the others' packages stay unread.
const commands: Readonly<Record<string, Command>> = {
  module: async (...args) => (await import('./create-modules.ts')).createModules(...args),
  field: async (...args) => (await import('./add-field.ts')).addField(...args),
  remove: async (...args) => (await import('./remove-module.ts')).removeModule(...args),
};

/** @returns the exit code: 0 when it is done, 1 when the definition can't be, with one line why, 2 for a wrong call */
export async function run([name = '', ...args]: readonly string[], root: string): Promise<number> {
  const command = commands[name];
  if (!command) {
    console.error(usage);
    return name === '--help' ? 0 : 2;
  }
  try {
    console.log(await command(args, root));
    return 0;
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    console.error(error.message);
    return 1;
  }
}
