import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { ConfigurationError } from '../core/errors';
import { describeThrown } from '../core/safe-inspect';
import { Failure } from './failure';
import { close, open, reset, status, type ActOptions, type OpenOptions, type StoreOptions } from './fleet-commands';
import type { Terminal } from './terminal';

/**
 * Runs the command line.
 *
 * @param args - Without the program's own name.
 * @returns The exit code: 0 done, 1 could not, 2 wrong use.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (thrown) {
    // It has said what was wrong; help and the version were asked for.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    terminal.err(`error: ${describeThrown(thrown).message}`);
    if (thrown instanceof ConfigurationError) return 2;
    return thrown instanceof Failure ? thrown.exitCode : 1;
  }
}

function program(terminal: Terminal): Command {
  const root = new Command('breaker-box')
    .description('Looks after the breakers of breaker-box.')
    .version(version(), '-V, --version', 'the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), writeErr: (text) => terminal.err(text.trimEnd()) })
    .addHelpText('after', '\nExit codes: 0 done, 1 could not, 2 wrong use.');
  const fleet = root.command('fleet').description('breakers that processes share through Redis');
  ofStore(fleet.command('status').description('what is known of them, or of one operation').argument('[operation]')).action(
    (operation: string | undefined, options: StoreOptions) => status(operation, options, terminal),
  );
  ofOperation(fleet.command('open').description('force a breaker open in all processes'))
    .option('--for <duration>', 'how long, such as 30s, 5m, 1h (default: until it is closed or reset)')
    .option('--reason <text>', 'why, for those who meet it')
    .action((operation: string, options: OpenOptions) => open(operation, options, terminal));
  ofOperation(fleet.command('close').description('close a breaker in all processes, and take away what was forced')).action(
    (operation: string, options: ActOptions) => close(operation, options, terminal),
  );
  ofOperation(fleet.command('reset').description('close a breaker, and forget what was counted, in all processes')).action(
    (operation: string, options: ActOptions) => reset(operation, options, terminal),
  );
  return root;
}

/** By the package's own name: the file is in another place in the repository than in the package. */
function version(): string {
  return (createRequire(__filename)('breaker-box/package.json') as { version: string }).version;
}

function ofOperation(command: Command): Command {
  return ofStore(command.argument('<operation>', 'by the name that the program gives it')).option('--key <key>', 'the key, of an operation with a breaker for each');
}

function ofStore(command: Command): Command {
  return command
    .addOption(new Option('--redis <url>', 'where the store is: redis://[[user]:password@]host[:port][/db]').env('REDIS_URL').makeOptionMandatory())
    .option('--prefix <prefix>', 'the prefix of the store', 'breaker-box')
    .option('--json', 'write JSON');
}
