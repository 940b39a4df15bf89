import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { programOf } from '../../support/programs';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const repository = join(__dirname, '..', '..', '..');

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** It is ended as soon as it has written this. */
  readonly until?: RegExp;
}

/** Runs `breaker-box` in a process of its own. */
export async function breakerBox(args: readonly string[], { env = {}, cwd = repository, until }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [programOf('command-line'), ...args], { cwd, env: { ...process.env, REDIS_URL: undefined, ...env } });
  let written = '';
  child.stdout.on('data', (chunk) => {
    written += String(chunk);
    if (until?.test(written) === true) child.kill();
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), child.exitCode ?? once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}
