import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder of the repository. */
export const root = join(__dirname, '..', '..');

/** A new, empty folder next to `folder`: on the same file system, so that it can be renamed into place. */
export function emptySibling(folder: string): string {
  return mkdtempSync(`${folder}-`);
}

const binaries = join(root, 'node_modules', '.bin');

/** Runs a program, its output shown, and throws when it fails. Binaries of `node_modules` are found by name. */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): void {
  capture(program, args, { stdio: 'inherit', ...options });
}

/** Like {@link run}, but returns what the program wrote to its standard output. */
export function capture(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    encoding: 'utf8',
    env: withBinaries(options.env ?? process.env),
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${[program, ...args].join(' ')} failed (${result.signal ?? result.status})\n${result.stdout ?? ''}`);
  }
  return result.stdout ?? '';
}

function withBinaries(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${binaries}${delimiter}${env.PATH ?? ''}` };
}
