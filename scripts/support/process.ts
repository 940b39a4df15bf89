import { spawnSync, type SpawnSyncOptions, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder of the repository. */
export const root = join(__dirname, '..', '..');

const binaries = join(root, 'node_modules', '.bin');

/** A new, empty folder next to `folder`: on the same file system, so that it can be renamed into place. */
export function emptySibling(folder: string): string {
  return mkdtempSync(`${folder}-`);
}

/** Runs a program to its end and returns how it ended. Binaries of `node_modules` are found by name. */
export function outcomeOf(
  program: string,
  args: readonly string[],
  options: SpawnSyncOptions = {},
): SpawnSyncReturns<string> {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    encoding: 'utf8',
    env: { ...process.env, ...options.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
  });
  // A program that was ended because its time was up did run: the caller sees its signal.
  if (result.error && result.signal === null) throw result.error;
  return result;
}

/** Runs a TypeScript program in a process of its own, which is killed when its time is up. */
export function outcomeOfProgram(file: string, timeoutMs: number): SpawnSyncReturns<string> {
  return outcomeOf(process.execPath, ['--import', 'tsx', file], { timeout: timeoutMs, killSignal: 'SIGKILL' });
}

/** What made a program fail, in words; `undefined` when it succeeded. */
export function failureOf({ status, signal }: SpawnSyncReturns<string>): string | undefined {
  if (signal !== null) return `ended by ${signal}`;
  return status === 0 ? undefined : `exit code ${status}`;
}

/** Runs a program, its output shown, and throws when it fails. */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): void {
  capture(program, args, { stdio: 'inherit', ...options });
}

/** Runs a program, returns what it wrote to its standard output, and throws when it fails. */
export function capture(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const result = outcomeOf(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const failure = failureOf(result);
  if (failure !== undefined) throw new Error(`${[program, ...args].join(' ')}: ${failure}\n${result.stdout ?? ''}`);
  return result.stdout ?? '';
}
