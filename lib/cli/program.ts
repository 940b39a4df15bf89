import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { ConfigurationError } from '../core/errors';
import { describeThrown } from '../core/safe-inspect';
import { Failure } from './failure';
import { act, status, type ActName, type ActOptions, type StatusOptions } from './commands';
import { terminal } from './terminal';

/**
 * Runs the command line.
 *
 * @param args - Without the program's own name.
 * @returns The exit code: 0 done, 1 could not, 2 wrong use, 3 something is open (`status --exit-code`).
 */
export async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = programFor((result) => (code = result));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    // It has said what was wrong; help and the version were asked for.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    terminal.err(`error: ${describeThrown(thrown).message}`);
    if (thrown instanceof ConfigurationError) return 2;
    return thrown instanceof Failure ? thrown.exitCode : 1;
  }
}

const OVERRIDES: Partial<Record<ActName, string>> = {
  open: 'force a breaker open in all processes',
  disable: 'let all calls pass, and count nothing, in all processes',
  shadow: 'let all calls pass, and go on counting, in all processes',
};

const RELEASES: Partial<Record<ActName, string>> = {
  clear: 'take away what open, disable or shadow have set',
  close: 'close a breaker in all processes, also where it opened by itself, and take away what was set',
  reset: 'the same, and processes forget what they counted',
};

function programFor(end: (code: number) => void): Command {
  const root = new Command('breaker-box')
    .description('Looks after the breakers of breaker-box.')
    .version(version(), '-V, --version', 'the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), writeErr: (text) => terminal.err(text.trimEnd()) })
    .addHelpText('after', '\nExit codes: 0 done, 1 could not, 2 wrong use, 3 something is open (status --exit-code).');
  const fleet = root.command('fleet').description('breakers that processes share through Redis');
  ofStore(fleet.command('status').description('what is known of them, or of one operation').argument('[operation]'))
    .option('--watch [interval]', 'show it again and again (default: every 2s)')
    .option('--exit-code', 'end with 3 when a breaker is open, half open or forced open')
    .action(async (operation: string | undefined, options: StatusOptions) => end(await status(operation, options)));
  for (const [name, does] of Object.entries({ ...OVERRIDES, ...RELEASES })) {
    const command = ofStore(fleet.command(name).description(does).argument('<operation>', 'by the name that the program gives it'))
      .addOption(new Option('--key <key>', 'the key, of an operation with a breaker for each').conflicts('allKeys'))
      .option('--all-keys', 'all keys that have a record, or that a process has otherwise than the fleet: of others nothing is known but that they are closed')
      .action(async (operation: string, options: ActOptions) => end(await act(name as ActName, operation, options)));
    if (!(name in OVERRIDES)) continue;
    command
      .option('--for <duration>', 'how long, such as 30s, 5m, 1h (default: until it is cleared, closed or reset)')
      .option('--reason <text>', 'why, for those who meet it; at most 200 characters')
      .option('--new', 'also for an operation or a key that nobody shares yet');
  }
  return root;
}

/** By the package's own name: the file is in another place in the repository than in the package. */
function version(): string {
  return (createRequire(__filename)('breaker-box/package.json') as { version: string }).version;
}

function ofStore(command: Command): Command {
  return command
    .addOption(new Option('--redis <url>', 'where the store is: redis://[[user]:password@]host[:port][/db], or rediss:// for TLS').env('REDIS_URL').makeOptionMandatory())
    .option('--cluster', 'the URL is that of a node of a cluster')
    .option('--sentinel <name>', 'the URL is that of a Sentinel, which watches the primary of this name')
    .option('--prefix <prefix>', 'the prefix of the store', 'breaker-box')
    .option('--json', 'write JSON');
}
