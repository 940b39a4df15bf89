import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeBinary } from '../../../scripts/support/node-binary';

/** The version of Node that the programs run on: current majors of many clients need it. */
export const CLIENTS_NODE = '24';

const run = promisify(execFile);

/**
 * Runs a program of `programs/` with the real client, in a process of its own.
 *
 * @param args - Passed on to the program, such as the port of a server.
 * @returns What the program wrote to its standard output, as JSON: an object with an entry for each scenario.
 */
export async function reportOf(program: string, ...args: string[]): Promise<Record<string, any>> {
  const file = join(__dirname, '..', 'programs', program);
  const options = { timeout: 60_000, killSignal: 'SIGKILL' as const, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await run(nodeBinary(CLIENTS_NODE), ['--disable-warning=ExperimentalWarning', file, ...args], options);
  return JSON.parse(stdout) as Record<string, any>;
}
