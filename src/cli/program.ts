/** The command line's table of commands, and how each ends (portal 9). */
import { Command, CommanderError } from 'commander';
import { failureOf } from './failure.ts';

/** A command's code is read when it is called: most calls need little of it. */
const later =
  <A extends readonly unknown[]>(load: () => Promise<(...given: A) => unknown>) =>
  async (...given: A): Promise<void> => {
    await (await load())(...given);
  };

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

function nodeCommands(program: Command): void {
  program
    .command('init')
    .description('make a node: folders, seal, keyring, an empty log, the first-run token')
    .option('--data <folder>', 'where data lies')
    .option('--keys <folder>', 'where keys lie')
    .option('--replica <folder>', 'a second copy of the keyring, on another disk')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on')
    .option('--store <url>', 'folder:/path or s3://bucket?endpoint=…')
    .option('--name <host>', "the log's name, for ever", 'custos.local')
    .option('--seal <kind>', 'key-file, passphrase or shares', 'key-file')
    .option('--seal-from <file>', 'file with the passphrase; - is standard input')
    .option('--key-file <path>', 'where the key file shall lie')
    .option('--shares <k/n>', 'how many shares open, of how many', '2/3')
    .option('--write <file>', 'where the configuration goes', 'custos.json')
    .action(later(async () => (await import('./init.ts')).init));
  program
    .command('start')
    .description('run the service until SIGTERM')
    .option('--ask', 'read passphrase or shares from standard input')
    .action(later(async () => (await import('./start.ts')).start));
  program
    .command('doctor')
    .description('look at everything; 3 if something fails')
    .action(later(async () => (await import('./doctor/doctor.ts')).doctor));
  program
    .command('setup-token')
    .description('write a new token for the first run')
    .action(later(async () => (await import('./small.ts')).setupToken));
  const migrate = program.command('migrate').description('tables of the database');
  migrate
    .command('status')
    .description('which changes are pending')
    .action(later(async () => (await import('./small.ts')).migrateStatus));
  migrate
    .command('up')
    .description('apply them')
    .action(later(async () => (await import('./small.ts')).migrateUp));
  const keys = program.command('keys').description('the keyring and its seal');
  keys
    .command('list')
    .description('collections, writes, copies')
    .action(later(async () => (await import('./keys.ts')).listKeys));
  keys
    .command('reseal')
    .description('another seal around the same keys')
    .requiredOption('--seal <kind>', 'key-file, passphrase or shares')
    .option('--seal-from <file>', 'file with the new passphrase; - is standard input')
    .option('--key-file <path>', 'where the key file shall lie')
    .option('--shares <k/n>', 'how many shares open, of how many', '2/3')
    .action(later(async () => (await import('./keys.ts')).resealKeys));
}

function personCommands(program: Command): void {
  const user = program.command('user').description('people, as the officer that you are');
  user
    .command('create')
    .description('a new person, to be confirmed by the security officer')
    .requiredOption('--as <account>', 'your account (system administrator)')
    .requiredOption('--account <name>', 'their account')
    .requiredOption('--name <name>', 'their name')
    .requiredOption('--home <unit>', 'their home affiliation')
    .option('--clearance <class>', 'ordinary, restricted or sensitive', 'ordinary')
    .option('--centre <id>', 'centre that keeps the record; the top one by default')
    .action(later(async () => (await import('./user.ts')).createUser));
  user
    .command('disable')
    .description('suspend a person at once')
    .requiredOption('--as <account>', 'your account (security officer)')
    .requiredOption('--account <name>', 'their account')
    .requiredOption('--reason <words>', 'why')
    .action(later(async () => (await import('./user.ts')).disableUser));
  program
    .command('ingest <folder>')
    .description('take the files of a folder into custody')
    .requiredOption('--as <account>', 'your account (custodian)')
    .requiredOption('--source <words>', 'what recorded or issued them')
    .requiredOption('--place <words>', 'where')
    .option('--class <class>', 'ordinary, restricted or sensitive', 'ordinary')
    .option('--centre <id>', 'centre; the top one by default')
    .action(later(async () => (await import('./ingest.ts')).ingest));
  program
    .command('export')
    .description('a part of the custody log as a package that proves itself')
    .requiredOption('--as <account>', 'your account (auditor)')
    .requiredOption('--out <file>', 'the package')
    .option('--item <id>')
    .option('--person <id>')
    .option('--application <id>')
    .option('--grant <id>')
    .option('--centre <id>')
    .option('--from <time>', 'from this time on')
    .option('--to <time>', 'before this time')
    .option('--all', 'the whole log')
    .option('--disclose <how>', 'private fields: none, listed or all', 'none')
    .option('--reason <words>', 'why')
    .action(later(async () => (await import('./export.ts')).exportPart));
}

function proofCommands(program: Command): void {
  // Handed over whole: the verifier has arguments and exit codes of its own (custody-log L10.1).
  program
    .command('verify')
    .description('verify an export package')
    .usage(
      'FILE --trust POLICY [--known NOTE]… [--require signed|anchored|witnessed] [--max-age HOURS] [--json]',
    )
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false);
  const log = program.command('log').description('the custody log as it is stored');
  log
    .command('check')
    .description('compare every entry with what was signed')
    .action(later(async () => (await import('./log.ts')).logCheck));
  log
    .command('rebuild')
    .description('make derived tables anew; the service must not run')
    .action(later(async () => (await import('./log.ts')).logRebuild));
  log
    .command('dump')
    .description('entries as JSON lines')
    .option('--from <number>', 'from this entry on')
    .option('--to <number>', 'before this entry')
    .action(later(async () => (await import('./log.ts')).logDump));
  const backup = program
    .command('backup')
    .description('copies of database and sealed objects, never of keys');
  backup
    .command('create <folder>')
    .description('a backup in a new folder')
    .option('--add', 'add objects made since, after pg_dump')
    .action(later(async () => (await import('./backup/create.ts')).createBackup));
  backup
    .command('verify <folder>')
    .description('look whether it would restore')
    .option('--trust <file>', 'trust file with the pinned key')
    .action(later(async () => (await import('./backup/verify.ts')).verifyBackup));
  backup
    .command('restore <folder>')
    .description('into empty folders')
    .action(later(async () => (await import('./backup/restore.ts')).restoreBackup));
}

function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('a county with its past, in a temporary folder on loopback')
    .option('--once', 'walk the chain once, through the HTTP API, and end')
    .option('--file <path>', 'with --once: the recording to take in')
    .option('--database <url>', 'sqlite:PATH or postgres://…, empty')
    .option('--store <url>', 'folder:/path or s3://bucket?endpoint=…, empty')
    .option('--port <number>', 'port to listen on', '8080')
    .action(later(async () => (await import('./demo/command.ts')).demo));
}

function smallCommands(program: Command): void {
  const config = program.command('config').description('the configuration as it is read');
  config
    .command('show')
    .description('every key')
    .option('--origin', 'and where it comes from')
    .action(later(async () => (await import('./small.ts')).showConfig));
  config
    .command('check')
    .description('sound or not')
    .action(later(async () => (await import('./small.ts')).checkConfig));
  program
    .command('openapi')
    .description("the API's OpenAPI document")
    .action(later(async () => (await import('./openapi.ts')).printOpenApi));
  program
    .command('version')
    .description('versions')
    .action(later(async () => (await import('./small.ts')).version));
}

export function newProgram(): Command {
  const program = new Command('custos')
    .description('Keeps recordings and documents in custody.')
    .option('--config <file>', 'configuration file (else CUSTOS_CONFIG, else ./custos.json)')
    .option('--set <section.key=value>', 'one key of the configuration', collect, [])
    .option('--unseal-from <file>', 'passphrase or shares, one a line; - is standard input')
    .option('--json', 'results as JSON')
    .option('--quiet', 'no talk')
    .option('--no-input', 'ask nothing')
    .showSuggestionAfterError()
    .exitOverride();
  nodeCommands(program);
  personCommands(program);
  proofCommands(program);
  demoCommand(program);
  smallCommands(program);
  return program;
}

/** Sets the exit code; the process ends when nothing is left to do. */
export async function main(argv: readonly string[]): Promise<void> {
  const [, , first, ...rest] = argv;
  if (first === 'verify') {
    const { verifyCommand } = await import('../verify/command.ts');
    process.exitCode = await verifyCommand(rest, process);
    return;
  }
  const program = newProgram();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { exit, code, message, next } = failureOf(error);
    if (argv.includes('--json')) process.stderr.write(`${JSON.stringify({ code, message, next })}\n`);
    else process.stderr.write(`${code}: ${message}\n→ ${next}\n`);
    process.exitCode = exit;
  }
}
