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

/** Runs `breaker-box` in a process of its own. */
export async function breakerBox(args: readonly string[], { env = {}, cwd = repository }: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Promise<Ran> {
  const child = spawn(process.execPath, [programOf('command-line'), ...args], { cwd, env: { ...process.env, REDIS_URL: undefined, ...env } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), child.exitCode ?? once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}
